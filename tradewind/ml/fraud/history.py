"""Orders and what happened to them as whole numbers: what features are computed from, offline and online.

Moments are counted in seconds or microseconds and money in millionths, so that a sum does not depend on the
order in which it is made: features are the same to the last digit whoever computes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tradewind.ml.fraud.events import UNKNOWN
from tradewind.ml.panel import Floats, Ints

PARTS = 1_000_000
"""Of a second and of a unit of money."""
NETWORK = r"^(\d+\.\d+)\."
"""The first half of an address."""
GROUPED = ("user", "device", "address", "network", "card", "city", "card_country", "country")
HAPPENED = ("failures", "returns", "frauds")


@dataclass(frozen=True)
class History:
    """Orders, by their ids, and what happened to them."""

    groups: Mapping[str, Ints]
    """GROUPED -> a number per order, the same for equal values (of both countries); UNKNOWN for none."""
    placed_at: Ints
    """Microseconds since 1970."""
    judged_at: Ints
    """The same of the first attempt to pay; of the order itself where there was none."""
    registered_at: Ints
    """The same of the account."""
    amount: Ints
    """Millionths of the reporting currency."""
    discount: Ints
    happened: Mapping[str, tuple[Ints, Ints]]
    """HAPPENED -> the order, as its place here, and the second."""

    def __len__(self) -> int:
        return len(self.placed_at)

    @cached_property
    def placed(self) -> Ints:
        """In seconds since 1970."""
        return self.placed_at // PARTS

    @cached_property
    def judged(self) -> Ints:
        """In seconds since 1970."""
        return self.judged_at // PARTS

    def known(self, *names: str) -> Ints:
        """From which second on these groups of an order are known: its card since the attempt to pay."""
        return self.judged if "card" in names else self.placed


def of_frames(
    orders: pd.DataFrame, failures: pd.DataFrame, returns: pd.DataFrame, cases: pd.DataFrame
) -> History:
    """The history of the frames of `OrderTables`."""
    placed, attempted = micros(orders["ordered_at"]), micros(orders["attempted_at"])
    place = pd.Series(np.arange(len(orders)), index=orders["order_id"])
    tables = zip(HAPPENED, (failures, returns, cases), strict=True)
    return History(
        groups=_groups(orders),
        placed_at=placed,
        judged_at=np.where(orders["attempted_at"].isna(), placed, attempted),
        registered_at=micros(orders["registered_at"]),
        amount=millionths(orders["amount"]),
        discount=millionths(orders["discount"]),
        happened={kind: _happened(table, place) for kind, table in tables},
    )


def micros(moments: pd.Series) -> Ints:
    """Microseconds since 1970; any number for none."""
    found: Ints = moments.to_numpy(dtype="datetime64[us]").astype(np.int64)
    return found


def millionths(amounts: Any) -> Ints:
    """Money in millionths."""
    found: Ints = np.rint(np.asarray(amounts, dtype=float) * PARTS).astype(np.int64)
    return found


def usual_amounts(history: History) -> Floats:
    """The mean amount, in millionths, of all orders until each: what an account's own mean begins with."""
    order = np.argsort(history.placed, kind="stable")
    found = np.empty(len(history))
    found[order] = np.cumsum(history.amount[order]) / np.arange(1, len(history) + 1)
    return found


def _groups(orders: pd.DataFrame) -> dict[str, Ints]:
    named = {
        "user": orders["user_id"],
        "device": orders["device"],
        "address": orders["address"],
        "network": orders["address"].astype("string").str.extract(NETWORK, expand=False),
        "card": orders["card"],
        "city": orders["city"],
    }
    countries = pd.concat([orders["card_country"], orders["country"]], ignore_index=True)
    card_country, country = np.split(_numbers(countries), 2)
    return {name: _numbers(values) for name, values in named.items()} | {
        "card_country": card_country,
        "country": country,
    }


def _numbers(values: pd.Series) -> Ints:
    """Equal numbers for equal values; UNKNOWN for none."""
    found = pd.factorize(values, use_na_sentinel=True)[0].astype(np.int64)
    return np.where(found < 0, UNKNOWN, found)


def _happened(table: pd.DataFrame, place: pd.Series) -> tuple[Ints, Ints]:
    at = next((name for name in table.columns if name.endswith("_at")), None)
    if at is None or table.empty:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    used = table[table["order_id"].isin(place.index) & table[at].notna()]
    return place.loc[used["order_id"]].to_numpy(dtype=np.int64), micros(used[at]) // PARTS
