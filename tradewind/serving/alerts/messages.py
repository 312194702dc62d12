"""The text of a message: as JSON for any receiver, and as blocks for Slack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tradewind.serving.alerts.lifecycle import Alert, Notice, State
from tradewind.serving.alerts.rules import Severity

MOST_SHOWN = 10
"""Alerts that a message for Slack names; the JSON has them all."""
SIGNS = {
    Severity.INFO: ":information_source:",
    Severity.WARNING: ":warning:",
    Severity.CRITICAL: ":rotating_light:",
}
SOLVED = ":white_check_mark:"


def describe(notice: Notice, now: datetime) -> dict[str, Any]:
    """A notice as JSON: rule, state, severity, owner, description, sent_at, alerts."""
    return {
        "rule": notice.rule.name,
        "state": str(notice.state),
        "severity": str(notice.rule.severity),
        "owner": notice.rule.owner,
        "description": notice.rule.description,
        "sent_at": _moment(now),
        "alerts": [_alert(alert) for alert in notice.alerts],
    }


def test_message(now: datetime) -> dict[str, Any]:
    """A message that shows that messages arrive."""
    return {
        "rule": "test",
        "state": str(State.FIRING),
        "severity": str(Severity.INFO),
        "owner": "platform",
        "description": "A test: messages of alerts arrive here.",
        "sent_at": _moment(now),
        "alerts": [],
    }


def slack(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message for an incoming webhook of Slack (Block Kit).

    Source: https://api.slack.com/messaging/webhooks, https://api.slack.com/reference/block-kit/blocks.
    """
    is_resolved = message["state"] == State.RESOLVED
    sign = SOLVED if is_resolved else SIGNS[Severity(message["severity"])]
    title = f"{message['rule'].replace('_', ' ')}{' (resolved)' if is_resolved else ''}"
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title[:150], "emoji": True}},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"{sign} {_escaped(message['description'])}"}},
    ]
    alerts = message["alerts"]
    lines = [_line(alert) for alert in alerts[:MOST_SHOWN]]
    if len(alerts) > MOST_SHOWN:
        lines.append(f"and {len(alerts) - MOST_SHOWN} more")
    if lines:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)}})
    context = f"{message['severity']} | {message['owner']} | {message['sent_at']}"
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": _escaped(context)}]})
    return {"text": f"{title}: {message['description']}", "blocks": blocks}


def _line(alert: Mapping[str, Any]) -> str:
    parts = [alert["subject"] or "now"]
    parts += [f"{alert['value']:,.6g}"] if alert["value"] is not None else []
    parts += [f"usual {alert['usual']:,.6g}"] if alert["usual"] is not None else []
    return _escaped(f"• {': '.join(parts[:2])}{f' ({parts[2]})' if len(parts) > 2 else ''}")


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "subject": alert.subject,
        "value": alert.value,
        "usual": alert.usual,
        "since": _moment(alert.since),
        "fired_at": alert.fired_at and _moment(alert.fired_at),
        "resolved_at": alert.resolved_at and _moment(alert.resolved_at),
        "acknowledged_by": alert.acknowledged_by or None,
    }


def _escaped(text: str) -> str:
    """Slack's three control characters as text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
