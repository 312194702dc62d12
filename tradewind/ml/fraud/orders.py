"""Features of the shop's orders: what was known of account, device, address and card when they are paid.

An order's moment is its first attempt to pay, or when it was placed if there was none. Cases count once they
are decided, returns once they are requested, failed payments once they failed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from tradewind.ml.errors import DataError, LeakageError
from tradewind.ml.fraud import history
from tradewind.ml.fraud.cards import DAY
from tradewind.ml.fraud.events import UNKNOWN, Events
from tradewind.ml.fraud.features import ROUNDING, Features
from tradewind.ml.fraud.history import PARTS, History
from tradewind.ml.panel import Floats, Ints

ENTITIES = ("user", "device", "address", "network", "card")
WINDOWS = {"5m": 5 / 1_440, "1h": 1 / 24, "1d": 1.0, "30d": 30.0}
LONG_WINDOWS = {"30d": 30.0, "180d": 180.0}
EVER = 1e4
"""Days that no shop is older than."""
SWITCHES = (
    ("device", "user"),
    ("address", "user"),
    ("card", "user"),
    ("user", "device"),
    ("user", "card"),
    ("user", "city"),
    ("device", "card"),
)
"""Of the first one, how often the second one changed from one order to the next."""
ORDER_COLUMNS = (
    "order_id", "user_id", "ordered_at", "amount", "discount", "city", "device", "address", "card",
    "card_country", "country", "registered_at", "attempted_at",
)  # fmt: skip


@dataclass(frozen=True)
class OrderTables:
    """Orders by id, and what happened to them; moments in UTC."""

    orders: pd.DataFrame
    """ORDER_COLUMNS; card: of the first attempt to pay; amount and discount in the reporting currency."""
    failures: pd.DataFrame
    """order_id, attempted_at of failed payments."""
    returns: pd.DataFrame
    """order_id, requested_at."""
    cases: pd.DataFrame
    """order_id, decided_at of cases that were decided as fraud."""

    @cached_property
    def moment(self) -> pd.Series:
        """When each order is judged."""
        return self.orders["attempted_at"].fillna(self.orders["ordered_at"])

    def known_fraud(self, until: pd.Timestamp) -> Floats:
        """1 for each order that was decided to be fraud until then."""
        decided = self.cases.loc[self.cases["decided_at"] <= until, "order_id"]
        return self.orders["order_id"].isin(decided).to_numpy().astype(np.float64)


def build(tables: OrderTables) -> Features:
    """A row of features per order."""
    if tables.orders.empty:
        raise DataError("there are no orders of accounts; load a history and run `tradewind build` first")
    found = history.of_frames(tables.orders, tables.failures, tables.returns, tables.cases)
    return features(found, np.arange(len(found)), history.usual_amounts(found))


def features(known: History, asked: Ints, usual: Floats) -> Features:
    """A row of features per order that is asked for, by its place in the history.

    The history has at least all orders of its account, and of its device, address, network and card those
    that `live.LiveHistory.around` says. usual: the mean amount of all orders until each asked one, in
    millionths.
    """
    latest = (times.max(initial=0) for times in (known.judged, *(at for _, at in known.happened.values())))
    ask = _Questions(known, asked, int(max(latest)) + 2)
    columns: dict[str, Floats | Ints] = {}
    for entity in ENTITIES:
        columns |= _activity(entity, ask)
    columns |= _switches(ask)
    columns |= _happened(ask)
    columns |= _own(ask, usual)
    values = np.column_stack(list(columns.values())).astype(np.float32)
    return pd.DataFrame(values, columns=list(columns))


@dataclass(frozen=True)
class _Questions:
    """What is asked: of these orders, at the second in which each is judged."""

    known: History
    asked: Ints
    span: int
    """More than any second."""

    @cached_property
    def second(self) -> Ints:
        """In which each asked order is judged."""
        return self.known.judged[self.asked]

    def group(self, name: str) -> Ints:
        """Of each asked order."""
        return self.known.groups[name][self.asked]

    def before(self, name: str) -> Ints:
        """The second before the group of each asked order became known."""
        return self.known.known(name)[self.asked] - 1

    def events(self, name: str, *others: str) -> Events:
        """The orders of each group, at the second in which it and the others became known.

        With cards, only orders of which one is known: the others may still be paid by one.
        """
        group = self.known.groups[name]
        if "card" in (name, *others):
            group = np.where(self.known.groups["card"] == UNKNOWN, UNKNOWN, group)
        return Events(group, self.known.known(name, *others), self.span)


def _activity(entity: str, ask: _Questions) -> dict[str, Floats | Ints]:
    """Orders and amounts in each window, and how long the entity is known."""
    events, group = ask.events(entity), ask.group(entity)
    found: dict[str, Floats | Ints] = {}
    for name, days in WINDOWS.items():
        found[f"{entity}_orders_{name}"] = events.sums(group, ask.second, days)
        found[f"{entity}_amount_{name}"] = events.sums(group, ask.second, days, ask.known.amount) / PARTS
    first, _ = events.ages(group, ask.second)
    _, last = events.ages(group, ask.before(entity))
    return found | {f"{entity}_first_days": first, f"{entity}_last_days": last}


def _switches(ask: _Questions) -> dict[str, Floats | Ints]:
    found: dict[str, Floats | Ints] = {}
    for entity, other in SWITCHES:
        events = ask.events(entity, other)
        changed = events.switches(ask.known.groups[other])
        for name in ("1h", "1d", "30d"):
            sums = events.sums(ask.group(entity), ask.second, WINDOWS[name], changed)
            found[f"{entity}_{other}_changes_{name}"] = sums
    return found


def _happened(ask: _Questions) -> dict[str, Floats | Ints]:
    """Failed payments, returns and decided cases of each entity before the moment."""
    kinds = (
        ("failures", ("user", "device", "card"), WINDOWS),
        ("returns", ("user",), LONG_WINDOWS),
        ("frauds", ENTITIES, LONG_WINDOWS),
    )
    found: dict[str, Floats | Ints] = {}
    for kind, entities, windows in kinds:
        order, second = ask.known.happened[kind]
        for entity in entities:
            events = Events(ask.known.groups[entity][order], second, ask.span)
            for name, days in windows.items():
                found[f"{entity}_{kind}_{name}"] = events.sums(ask.group(entity), ask.second - 1, days)
    return found


def _own(ask: _Questions, usual: Floats) -> dict[str, Floats | Ints]:
    """Of the order itself, and against what the account does."""
    known, asked, user = ask.known, ask.asked, ask.group("user")
    amount, discount = known.amount[asked] / PARTS, known.discount[asked] / PARTS
    events, earlier = ask.events("user"), known.placed[asked] - 1
    before = events.sums(user, earlier, EVER)
    spent = events.sums(user, earlier, EVER, known.amount) / PARTS
    ordered = {name: _pair_before(ask, name) for name in ("city", "device", "network", "card")}
    discounted = (known.discount > 0).astype(np.int64)
    card = ask.group("card_country")
    return {
        "amount": amount,
        "amount_against_mean": amount * (before + 1) / (spent + usual / PARTS),
        "discount_part": discount / np.maximum(amount + discount, 0.01),
        "has_discount": discounted[asked],
        "device_discounts_1d": ask.events("device").sums(ask.group("device"), ask.second, 1, discounted),
        "account_days": (known.judged_at[asked] - known.registered_at[asked]) / (DAY * PARTS),
        "hour": (ask.second % DAY) / 3_600,
        "is_card_foreign": (card != UNKNOWN) & (card != ask.group("country")),
        "has_card": card != UNKNOWN,
        "user_orders_before": before,
        "user_orders_180d": events.sums(user, ask.second, 180),
        **{f"user_{name}_part": (seen + 1) / (before + 2) for name, seen in ordered.items()},
    }


def _pair_before(ask: _Questions, name: str) -> Ints:
    """How many orders of the account were known, before this one was placed, to have the same other."""
    user, other = ask.known.groups["user"], ask.known.groups[name]
    pair = user * (int(other.max(initial=0)) + 1) + other
    codes = pd.factorize(pair)[0].astype(np.int64)
    codes = np.where(other == UNKNOWN, UNKNOWN, codes)
    events = Events(codes, ask.known.known(name), ask.span)
    return events.sums(codes[ask.asked], ask.known.placed[ask.asked] - 1, EVER)


def check_point_in_time(tables: OrderTables, at: pd.Timestamp) -> None:
    """Plant amounts, failures, returns and cases after a moment; LeakageError names features that change."""
    late = tables.orders["ordered_at"] > at
    orders = tables.orders.copy()
    orders.loc[late, "amount"] = 1e6
    orders.loc[late, ["device", "card"]] = "planted"
    planted = orders.loc[tables.moment <= at, "order_id"]
    after = at + pd.Timedelta(seconds=1)
    changed = replace(
        tables,
        orders=orders,
        failures=_planted(tables.failures, "attempted_at", planted, after),
        returns=_planted(tables.returns, "requested_at", planted, after),
        cases=_planted(tables.cases, "decided_at", planted, after),
    )
    is_early = (tables.moment <= at).to_numpy()
    before, later = (build(each)[is_early] for each in (tables, changed))
    same = np.isclose(before.to_numpy(), later.to_numpy(), rtol=ROUNDING, atol=ROUNDING, equal_nan=True)
    differs = [name for name, column in zip(before.columns, same.T, strict=True) if not column.all()]
    if differs:
        raise LeakageError(f"features change with what happened later: {', '.join(differs)}")


def _planted(table: pd.DataFrame, column: str, orders: pd.Series, at: pd.Timestamp) -> pd.DataFrame:
    """What was known until the moment, and one more for every order after it."""
    known = table[table[column] < at]
    added = pd.DataFrame(
        {"order_id": orders, column: pd.Series(at, index=orders.index, dtype=table[column].dtype)}
    )
    return pd.concat([known, added], ignore_index=True)
