"""The shop's business rules, used by both the history and live traffic.

Amounts are NumPy integers in hundredths of a currency, times are seconds. The history applies a rule to all
orders at once, live traffic to one order at a time.
"""
