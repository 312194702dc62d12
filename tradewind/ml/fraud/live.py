"""The history of a running shop, in memory: it grows with what arrives, and knows what is around an order.

Per account, device, address, network and card it knows their orders by the second in which they became known.
Features of a few orders are computed by the code that computes all (`orders.features`) from the orders
around them, and are the same to the last digit.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradewind.ml.fraud.cards import DAY
from tradewind.ml.fraud.events import UNKNOWN
from tradewind.ml.fraud.features import Features
from tradewind.ml.fraud.history import GROUPED, HAPPENED, NETWORK, PARTS, History, millionths, usual_amounts
from tradewind.ml.fraud.orders import ENTITIES, WINDOWS, features
from tradewind.ml.panel import Floats, Ints

LONGEST = round(WINDOWS["30d"] * DAY)
"""In seconds: of an account everything is looked at, of other entities so much and what happened to them."""
WITH_EVENTS = ("failures", "frauds")
"""What of devices, addresses and cards is looked at for longer."""
NUMBERS = (
    "order_id", "placed_at", "judged_at", "registered_at", "amount", "discount", "user_id", *GROUPED
)  # fmt: skip
MANY = 200
"""From so many orders on, computing from the whole history is quicker."""


@dataclass(frozen=True)
class Account:
    """One account."""

    user_id: int
    country: str | None
    registered_at: int
    """Microseconds since 1970, as all moments here."""


@dataclass(frozen=True)
class Order:
    """One order; amount and discount in the reporting currency."""

    order_id: int
    user_id: int
    ordered_at: int
    amount: float
    discount: float
    city: str | None
    device: str | None
    address: str | None


@dataclass(frozen=True)
class Payment:
    """One attempt to pay."""

    payment_id: int
    order_id: int
    sequence_number: int
    status: str
    card: str | None
    card_country: str | None
    attempted_at: int


@dataclass(frozen=True)
class Happened:
    """A return that was requested, or a case that was decided as fraud (or not: `holds` is false)."""

    event_id: int
    order_id: int
    at: int
    holds: bool = True


class LiveHistory:
    """Orders, and what happened to them, as far as it has arrived."""

    def __init__(self) -> None:
        self._columns = {name: np.zeros(1024, dtype=np.int64) for name in NUMBERS}
        self._count = 0
        self._place: dict[int, int] = {}
        self._numbers: dict[str, dict[Any, int]] = defaultdict(dict)
        self._known: dict[str, dict[int, list[tuple[int, int]]]] = {name: {} for name in ENTITIES}
        self._marked: dict[str, dict[int, set[int]]] = {name: {} for name in ENTITIES}
        self._accounts: dict[int, Account] = {}
        self._waiting: dict[int, dict[int, Order]] = defaultdict(dict)
        self._first: dict[int, Payment] = {}
        self._happened: dict[str, dict[int, dict[int, int]]] = {kind: {} for kind in HAPPENED}
        self.due: set[int] = set()
        """Ids of orders that came, or that somebody tried to pay first, since they were taken from here."""

    def __len__(self) -> int:
        return self._count

    def add_account(self, account: Account) -> None:
        """Take an account in, and its orders that came before it."""
        self._accounts[account.user_id] = account
        for order in self._waiting.pop(account.user_id, {}).values():
            self.add_order(order)

    def add_order(self, order: Order) -> None:
        """Take an order in; it waits for its account. Of one that is known the amounts may change."""
        account = self._accounts.get(order.user_id)
        if account is None:
            self._waiting[order.user_id][order.order_id] = order
            return
        amounts = {"amount": int(millionths(order.amount)), "discount": int(millionths(order.discount))}
        if order.order_id in self._place:
            self._write(self._place[order.order_id], amounts)
            return
        place = self._place[order.order_id] = self._count
        self._grow()
        found = re.match(NETWORK, order.address or "")
        names = {
            "user": order.user_id, "device": order.device, "address": order.address,
            "network": found[1] if found else None, "city": order.city, "country": account.country,
        }  # fmt: skip
        numbers = {name: self._number(name, value) for name, value in names.items()}
        moments = dict.fromkeys(("placed_at", "judged_at"), order.ordered_at)
        self._write(
            place,
            {"order_id": order.order_id, "user_id": order.user_id, "registered_at": account.registered_at}
            | {"card": UNKNOWN, "card_country": UNKNOWN}
            | amounts
            | numbers
            | moments,
        )
        for name in ("user", "device", "address", "network"):
            self._index(name, numbers[name], order.ordered_at // PARTS, place)
        self._mark(place)
        self.due.add(order.order_id)
        if order.order_id in self._first:
            self._pay(place, self._first[order.order_id])

    def add_payment(self, payment: Payment) -> None:
        """Take an attempt to pay in: the first one says by which card, and when the order is judged."""
        at = payment.attempted_at
        self._happen(
            "failures", Happened(payment.payment_id, payment.order_id, at, payment.status == "failed")
        )
        if payment.sequence_number == 1:
            self._first[payment.order_id] = payment
            if payment.order_id in self._place:
                self._pay(self._place[payment.order_id], payment)

    def add_return(self, returned: Happened) -> None:
        """Take a return in."""
        self._happen("returns", returned)

    def add_case(self, case: Happened) -> None:
        """Take a decided case in."""
        self._happen("frauds", case)

    def judged_since(self, second: int) -> dict[int, int]:
        """Order -> when it is judged, of orders that are judged after a second."""
        judged = self._column("judged_at")
        chosen = np.flatnonzero(judged > second * PARTS)
        return dict(zip(self._column("order_id")[chosen].tolist(), judged[chosen].tolist(), strict=True))

    def last_judged(self) -> int:
        """The latest second in which an order is judged; 0 without orders."""
        return int(self._column("judged_at").max(initial=0)) // PARTS

    def facts(self, orders: Sequence[int]) -> dict[str, Any]:
        """Of orders: order_id, user_id, judged_at, amount in the reporting currency."""
        places = self._places(orders)
        return {
            "order_id": self._column("order_id")[places],
            "user_id": self._column("user_id")[places],
            "judged_at": pd.to_datetime(self._column("judged_at")[places], unit="us", utc=True),
            "amount": self._column("amount")[places] / PARTS,
        }

    def features(self, orders: Sequence[int]) -> Features:
        """A row per order, as `orders.build` has it of all that has arrived."""
        places = self._places(orders)
        if len(places) >= MANY:
            chosen = self._by_id(np.arange(self._count))
            whole = self._history(chosen)
            asked = np.searchsorted(self._column("order_id")[chosen], np.asarray(orders))
            return features(whole, asked, usual_amounts(whole)[asked])
        chosen = self._by_id(np.fromiter(self._around(places), dtype=np.int64))
        asked = np.searchsorted(self._column("order_id")[chosen], np.asarray(orders))
        return features(self._history(chosen), asked, self._usual(places))

    def _places(self, orders: Iterable[int]) -> Ints:
        return np.array([self._place[order] for order in orders], dtype=np.int64)

    def _by_id(self, places: Ints) -> Ints:
        found: Ints = places[np.argsort(self._column("order_id")[places])]
        return found

    def _history(self, places: Ints) -> History:
        ids = self._column("order_id")[places]
        return History(
            groups={name: self._column(name)[places] for name in GROUPED},
            **{name: self._column(name)[places] for name in NUMBERS[1:6]},
            happened={kind: self._events(kind, ids) for kind in HAPPENED},
        )

    def _events(self, kind: str, ids: Ints) -> tuple[Ints, Ints]:
        known = self._happened[kind]
        pairs = [
            (row, second)
            for row, order in enumerate(ids.tolist())
            if order in known
            for second in known[order].values()
        ]
        found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def _around(self, places: Ints) -> set[int]:
        """The orders that these orders' features are computed from.

        All of their accounts; of their devices, addresses, networks and cards those of the last 30 days, the
        one before, the first one, and those that were paid in vain or turned out as fraud.
        """
        found: set[int] = set(places.tolist())
        placed, judged = (self._column(name) // PARTS for name in ("placed_at", "judged_at"))
        for name in ENTITIES:
            column = self._column(name)
            for place in places.tolist():
                number = int(column[place])
                if number == UNKNOWN:
                    continue
                known = self._known[name][number]
                if name == "user":
                    found.update(row for _, row in known)
                    continue
                since = min(int(judged[place]) - LONGEST, int(placed[place]))
                first = max(bisect_left(known, (since, -1)) - 1, 0)
                found.add(known[0][1])
                found.update(row for _, row in known[first:])
                found.update(self._marked[name].get(number, ()))
        return found

    def _usual(self, places: Ints) -> Floats:
        """The mean amount of all orders until each, in millionths."""
        placed, ids = self._column("placed_at") // PARTS, self._column("order_id")
        means = []
        for place in places:
            earlier = (placed < placed[place]) | ((placed == placed[place]) & (ids <= ids[place]))
            means.append(self._column("amount")[earlier].sum() / np.count_nonzero(earlier))
        return np.array(means)

    def _column(self, name: str) -> Ints:
        return self._columns[name][: self._count]

    def _grow(self) -> None:
        self._count += 1
        if self._count > len(self._columns["order_id"]):
            self._columns = {name: np.concatenate([each, each]) for name, each in self._columns.items()}

    def _write(self, place: int, values: dict[str, int]) -> None:
        for name, value in values.items():
            self._columns[name][place] = value

    def _number(self, name: str, value: Any) -> int:
        if value is None or value == "":
            return UNKNOWN
        kind = "country" if name == "card_country" else name
        return self._numbers[kind].setdefault(value, len(self._numbers[kind]))

    def _index(self, name: str, number: int, second: int, place: int) -> None:
        if number != UNKNOWN:
            insort(self._known[name].setdefault(number, []), (second, place))

    def _pay(self, place: int, payment: Payment) -> None:
        """The order is known to be paid by this card, from then on."""
        columns, card = self._columns, self._number("card", payment.card)
        before = int(columns["card"][place]), int(columns["judged_at"][place])
        if before == (card, payment.attempted_at):
            return
        if before[0] != UNKNOWN:
            known = self._known["card"][before[0]]
            del known[bisect_right(known, (before[1] // PARTS, place)) - 1]
        self._write(
            place,
            {"card": card, "card_country": self._number("card_country", payment.card_country),
             "judged_at": payment.attempted_at},
        )  # fmt: skip
        self._index("card", card, payment.attempted_at // PARTS, place)
        self._mark(place)
        self.due.add(payment.order_id)

    def _happen(self, kind: str, event: Happened) -> None:
        known = self._happened[kind].setdefault(event.order_id, {})
        if event.holds:
            known[event.event_id] = event.at // PARTS
        else:
            known.pop(event.event_id, None)
        if not known:
            del self._happened[kind][event.order_id]
        elif event.order_id in self._place:
            self._mark(self._place[event.order_id])

    def _mark(self, place: int) -> None:
        """Remember an order with which something happened, for each of its entities."""
        order = int(self._columns["order_id"][place])
        if any(order in self._happened[kind] for kind in WITH_EVENTS):
            for name in ENTITIES:
                number = int(self._columns[name][place])
                if number != UNKNOWN:
                    self._marked[name].setdefault(number, set()).add(place)
