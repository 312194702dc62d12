"""Alerts: rules over marts, evaluated every few seconds, and delivered to Slack or any webhook.

rules.py      the file of rules, checked when it is read
readings.py   what a rule reads from the warehouse now, and what is usual
lifecycle.py  from readings to alerts: pending, firing, resolved; what is to be told
store.py      alerts, mutes and messages on their way, in one file that survives a restart
messages.py   the text of a message, for Slack and as JSON
delivery.py   messages to their receivers, in order, tried again until they are taken
pace.py       whether anything may have changed since the rules were last evaluated
watch.py      the rounds of the service
"""

LAST_ROUND = "last_round"
"""A file in the service's folder that is written when a round has ended."""
