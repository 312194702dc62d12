"""Features of card transactions: what was known at the moment of each, of its customer and its terminal.

Beside those of the Fraud Detection Handbook (weekend, night; number and mean amount per customer, number and
risk per terminal, over 1, 7 and 30 days) there are how unusual an amount is for the customer, how unusual
those before it were, and when the terminal's known frauds began and ended. A label is known `delay` days
after its transaction; no feature uses one earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradewind.ml.errors import LeakageError
from tradewind.ml.fraud.cards import DAY
from tradewind.ml.panel import Floats, Ints

WINDOWS = (1, 7, 30)
RISK_WINDOWS = (1, 3, 7, 14, 28)
UNUSUAL = 2.5
"""An amount this many times the customer's usual one is unusual."""
FEW = 3.0
"""Payments' worth of the average of all that a customer's average begins with."""
FIVE_WEEKS = 35
ROUNDING = 1e-3
"""Running sums round; a leak of an absurd amount or of a label changes a feature by more."""
Features = pd.DataFrame


@dataclass(frozen=True)
class Timeline:
    """Transactions by group and time, for sums over windows that end at or before a moment."""

    order: Ints
    """The transactions by group and time."""
    key: Ints
    """Group x span + second of each, in this order."""
    span: int

    def sums(self, values: Floats, days: float, lag: float = 0, *, with_own: bool = True) -> Floats:
        """Per transaction, the sum of its group's values in the `days` before (its time - `lag` days).

        with_own: its own value is part of the sum, if there is no lag.
        """
        running = np.concatenate([[0.0], np.cumsum(values[self.order])])
        first = self.after(lag + days)
        last = self.after(lag) if lag or with_own else np.arange(len(self.order))
        return self.by_transaction(running[np.maximum(last, first)] - running[first])

    def after(self, days: float, keys: Ints | None = None) -> Ints:
        """Per entry of the order, how many keys (all, unless given) are of groups before its own, or of its
        own at or before its time - days."""
        group, second = np.divmod(self.key, self.span)
        moment = group * self.span + np.maximum(second - round(days * DAY), -1)
        found: Ints = np.searchsorted(self.key if keys is None else keys, moment, "right")
        return found

    def by_transaction(self, values: Floats) -> Floats:
        """Values by this order as values by transaction."""
        found = np.empty_like(values)
        found[self.order] = values
        return found


def timeline(group: Ints, second: Ints) -> Timeline:
    """The timeline of transactions in these groups at these seconds, which begin with 0 or more."""
    order = np.lexsort((second, group))
    span = int(second.max(initial=0)) + 2
    return Timeline(order, group[order] * span + second[order], span)


def build(table: pd.DataFrame, delay: float) -> Features:
    """A row of features per transaction of the table, which is by time and may hold labels of any time."""
    moments = table["tx_datetime"]
    second = ((moments - moments.iloc[0].floor("D")) // pd.Timedelta(seconds=1)).to_numpy()
    amount, label = (table[name].to_numpy(dtype=float) for name in ("amount", "is_fraud"))
    customer = timeline(table["customer_id"].to_numpy(), second)
    terminal = timeline(table["terminal_id"].to_numpy(), second)
    ratio = _unusual(customer, amount)
    columns = {
        "amount": amount,
        "is_weekend": (moments.dt.dayofweek >= 5).to_numpy(dtype=float),
        "is_night": (moments.dt.hour <= 6).to_numpy(dtype=float),
        "hour": second % DAY / 3600,
        "amount_ratio": ratio,
        **_customer(customer, amount, ratio),
        **_known("customer", customer, label, delay, (7, 30)),
        **_known("terminal", terminal, label, delay, WINDOWS),
        **_terminal(terminal, amount, ratio, label, delay),
    }
    return pd.DataFrame(columns, dtype=np.float32)


def _unusual(customer: Timeline, amount: Floats) -> Floats:
    """The amount over the customer's mean of the 30 days before, which is drawn to the mean of all before."""
    ones = np.ones_like(amount)
    count, total = (customer.sums(values, 30, with_own=False) for values in (ones, amount))
    running = np.cumsum(amount) - amount
    overall = np.divide(running, np.arange(len(amount)), out=np.ones_like(amount), where=running > 0)
    usual = (total + FEW * overall) / (count + FEW)
    return amount / np.maximum(usual, 0.01)


def _customer(customer: Timeline, amount: Floats, ratio: Floats) -> dict[str, Floats]:
    """How often and how much the customer paid, and how unusual the payments before this one were."""
    ones, unusual = np.ones_like(amount), (ratio > UNUSUAL).astype(float)
    found = {}
    for days in WINDOWS:
        count = customer.sums(ones, days)
        found[f"customer_count_{days}d"] = count
        found[f"customer_mean_{days}d"] = customer.sums(amount, days) / count
    for days in (1, 3, 7, 14):
        found[f"customer_unusual_{days}d"] = customer.sums(unusual, days, with_own=False)
    largest = np.minimum(ratio, 10.0)
    found["customer_ratio_7d"] = customer.sums(largest, 7) / customer.sums(ones, 7)
    found["customer_pace"] = found["customer_count_1d"] / (found["customer_count_30d"] / 30 + 0.1)
    return found


def _known(
    name: str, group: Timeline, label: Floats, delay: float, windows: tuple[int, ...]
) -> dict[str, Floats]:
    """Number of transactions whose label is known, and the part of them that was fraud."""
    ones = np.ones_like(label)
    found = {}
    for days in windows:
        count = group.sums(ones, days, delay)
        found[f"{name}_known_count_{days}d"] = count
        found[f"{name}_risk_{days}d"] = _part(group.sums(label, days, delay), count)
    return found


def _terminal(
    terminal: Timeline, amount: Floats, ratio: Floats, label: Floats, delay: float
) -> dict[str, Floats]:
    """The terminal's known frauds by when they were, without those that the amount alone explains."""
    plain = label * (ratio < UNUSUAL)
    ones = np.ones_like(label)
    found = {}
    for days in RISK_WINDOWS:
        count = terminal.sums(ones, days, delay)
        found[f"terminal_plain_fraud_{days}d"] = terminal.sums(plain, days, delay)
        found[f"terminal_plain_risk_{days}d"] = _part(found[f"terminal_plain_fraud_{days}d"], count)
    ages = _ages(terminal, plain, delay)
    found["terminal_first_fraud_days"], found["terminal_last_fraud_days"] = ages
    found["terminal_recent_count_7d"] = terminal.sums(ones, delay)
    found["terminal_ratio_7d"] = _part(terminal.sums(np.minimum(ratio, 10.0), 7), terminal.sums(ones, 7))
    return found


def _ages(terminal: Timeline, plain: Floats, delay: float) -> tuple[Floats, Floats]:
    """Days since the first and the last known fraud of the terminal within five weeks; NaN without one."""
    frauds = terminal.key[plain[terminal.order] > 0]
    if not len(frauds):
        return np.full(len(plain), np.nan), np.full(len(plain), np.nan)
    first, last = terminal.after(FIVE_WEEKS, frauds), terminal.after(delay, frauds) - 1
    first_age, last_age = (
        (terminal.key - frauds[np.clip(at, 0, len(frauds) - 1)]) / DAY for at in (first, last)
    )
    known = last >= first
    return (
        terminal.by_transaction(np.where(known, first_age, np.nan)),
        terminal.by_transaction(np.where(known, last_age, np.nan)),
    )


def _part(some: Floats, count: Floats) -> Floats:
    return np.divide(some, count, out=np.zeros_like(some), where=count > 0)


def check_point_in_time(
    table: pd.DataFrame,
    at: pd.Timestamp,
    delay: float,
    make: Callable[[pd.DataFrame, float], Features] = build,
) -> None:
    """Plant opposite labels and absurd amounts that cannot be known at `at`; LeakageError names features.

    Labels are not known from `delay` days before on, amounts from the moment on. No feature of an earlier
    transaction may change.
    """
    changed = table.copy()
    late = changed["tx_datetime"] >= at
    unlabelled = changed["tx_datetime"] > at - pd.Timedelta(days=delay)
    changed.loc[late, "amount"] = 1e6
    changed.loc[unlabelled, "is_fraud"] = 1 - changed.loc[unlabelled, "is_fraud"]
    before, after = (make(each, delay)[~late.to_numpy()] for each in (table, changed))
    same = np.isclose(before.to_numpy(), after.to_numpy(), rtol=ROUNDING, atol=ROUNDING, equal_nan=True)
    differs = [name for name, column in zip(before.columns, same.T, strict=True) if not column.all()]
    if differs:
        raise LeakageError(f"features change with what happened later: {', '.join(differs)}")
