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
from tradewind.ml.fraud.events import UNKNOWN, Events
from tradewind.ml.fraud.features import ROUNDING, Features
from tradewind.ml.panel import Floats, Ints

ENTITIES = ("user", "device", "address", "network", "card")
WINDOWS = {"5m": 5 / 1_440, "1h": 1 / 24, "1d": 1.0, "30d": 30.0}
LONG_WINDOWS = {"30d": 30.0, "180d": 180.0}
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
    orders = tables.orders
    if orders.empty:
        raise DataError("there are no orders of accounts; load a history and run `tradewind build` first")
    clock = _Clock(orders["ordered_at"].min().floor("D"))
    second, placed = clock.seconds(tables.moment), clock.seconds(orders["ordered_at"])
    groups = _groups(orders)
    span = int(second.max()) + 2
    amount = orders["amount"].to_numpy(dtype=float)
    columns: dict[str, Floats] = {}
    for entity in ENTITIES:
        columns |= _activity(entity, groups[entity], placed, second, amount, span)
    columns |= _switches(groups, placed, second, span)
    columns |= _happened(tables, groups, clock, second, span)
    columns |= _own(tables, groups, placed, second, span)
    return pd.DataFrame(columns, dtype=np.float32)


@dataclass(frozen=True)
class _Clock:
    start: pd.Timestamp

    def seconds(self, moments: pd.Series) -> Ints:
        """Since the start."""
        return ((moments - self.start) // pd.Timedelta(seconds=1)).to_numpy().astype(np.int64)


def _groups(orders: pd.DataFrame) -> dict[str, Ints]:
    """Per entity, a number for each order's; UNKNOWN for none."""
    network = orders["address"].astype("string").str.extract(r"^(\d+\.\d+)\.", expand=False)
    named = {
        "user": orders["user_id"],
        "device": orders["device"],
        "address": orders["address"],
        "network": network,
        "card": orders["card"],
        "city": orders["city"],
    }
    return {
        name: pd.factorize(values, use_na_sentinel=True)[0].astype(np.int64) for name, values in named.items()
    }


def _activity(
    entity: str, group: Ints, placed: Ints, second: Ints, amount: Floats, span: int
) -> dict[str, Floats]:
    """Orders and amounts in each window, and how long the entity is known."""
    events = Events(group, placed, span)
    found = {}
    for name, days in WINDOWS.items():
        found[f"{entity}_orders_{name}"] = events.sums(group, second, days)
        found[f"{entity}_amount_{name}"] = events.sums(group, second, days, amount)
    first, _ = events.ages(group, second)
    _, last = events.ages(group, placed - 1)
    return found | {f"{entity}_first_days": first, f"{entity}_last_days": last}


def _switches(groups: dict[str, Ints], placed: Ints, second: Ints, span: int) -> dict[str, Floats]:
    found = {}
    for entity, other in SWITCHES:
        events = Events(groups[entity], placed, span)
        changed = events.switches(groups[other])
        for name in ("1h", "1d", "30d"):
            sums = events.sums(groups[entity], second, WINDOWS[name], changed)
            found[f"{entity}_{other}_changes_{name}"] = sums
    return found


def _happened(
    tables: OrderTables, groups: dict[str, Ints], clock: _Clock, second: Ints, span: int
) -> dict[str, Floats]:
    """Failed payments, returns and decided cases of each entity before the moment."""
    place = pd.Series(np.arange(len(tables.orders)), index=tables.orders["order_id"])
    kinds = (
        ("failures", tables.failures, "attempted_at", ("user", "device", "card"), WINDOWS),
        ("returns", tables.returns, "requested_at", ("user",), LONG_WINDOWS),
        ("frauds", tables.cases, "decided_at", ENTITIES, LONG_WINDOWS),
    )
    found = {}
    for kind, table, column, entities, windows in kinds:
        used = table[table["order_id"].isin(place.index) & table[column].notna()]
        at, when = place.loc[used["order_id"]].to_numpy(dtype=np.int64), clock.seconds(used[column])
        for entity in entities:
            events = Events(groups[entity][at], when, max(span, int(when.max(initial=0)) + 2))
            for name, days in windows.items():
                found[f"{entity}_{kind}_{name}"] = events.sums(groups[entity], second - 1, days)
    return found


def _own(
    tables: OrderTables, groups: dict[str, Ints], placed: Ints, second: Ints, span: int
) -> dict[str, Floats]:
    """Of the order itself, and against what the account does."""
    orders, user = tables.orders, groups["user"]
    amount = orders["amount"].to_numpy(dtype=float)
    events = Events(user, placed, span)
    before, spent = events.sums(user, placed - 1, 1e4), events.sums(user, placed - 1, 1e4, amount)
    ordered = {
        name: _pair_before(user, groups[name], placed, span) for name in ("city", "device", "network", "card")
    }
    discount = orders["discount"].to_numpy(dtype=float)
    rings = Events(groups["device"], placed, span)
    card, country = orders["card_country"], orders["country"]
    registered = (tables.moment - orders["registered_at"]).dt.total_seconds().to_numpy(dtype=float) / 86_400
    return {
        "amount": amount,
        "amount_against_mean": amount * (before + 1) / (spent + _usual_amount(placed, amount)),
        "discount_part": discount / np.maximum(amount + discount, 0.01),
        "has_discount": (discount > 0).astype(float),
        "device_discounts_1d": rings.sums(groups["device"], second, 1, (discount > 0).astype(float)),
        "account_days": registered,
        "hour": (second % 86_400) / 3_600,
        "is_card_foreign": (card.notna() & (card != country)).to_numpy(dtype=float),
        "has_card": card.notna().to_numpy(dtype=float),
        "user_orders_before": before,
        "user_orders_180d": events.sums(user, second, 180),
        **{f"user_{name}_part": (seen + 1) / (before + 2) for name, seen in ordered.items()},
    }


def _usual_amount(placed: Ints, amount: Floats) -> Floats:
    """The mean amount of all orders until each; what an account's own mean begins with."""
    order = np.argsort(placed, kind="stable")
    means = np.cumsum(amount[order]) / np.arange(1, len(order) + 1)
    found = np.empty_like(means)
    found[order] = means
    return found


def _pair_before(user: Ints, other: Ints, placed: Ints, span: int) -> Floats:
    """How many orders of the account before this one had the same other."""
    pair = np.where(other == UNKNOWN, UNKNOWN, user * (int(other.max(initial=0)) + 1) + other)
    codes = pd.factorize(pair)[0].astype(np.int64)
    codes = np.where(other == UNKNOWN, UNKNOWN, codes)
    return Events(codes, placed, span).sums(codes, placed - 1, 1e4)


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
