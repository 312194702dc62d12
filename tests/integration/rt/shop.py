"""A shop on plain dictionaries: what happens in it, the log of that, and the figures that follow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.dbt.changes import Change
from tradewind.settings import reporting_time_zone

Row = dict[str, Any]

KEYS = {
    "users": ("user_id",),
    "orders": ("order_id",),
    "order_items": ("order_item_id",),
    "payments": ("payment_id",),
    "order_returns": ("return_id",),
    "user_events": ("event_id",),
    "fx_rates": ("currency", "rate_date"),
    "products": ("product_id",),
    "categories": ("category_id",),
}
CENT = Decimal("0.01")
CITIES = ("Bangkok", "Phuket", None)
CHANNELS = ("website", "shopee")
CURRENCIES = ("THB", "VND", "USD")
PLATFORMS = ("web", "ios")
EVENT_TYPES = ("product_view", "add_to_cart", "purchase", "search")


def iso(moment: datetime) -> str:
    """As Debezium writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def at(text: str) -> datetime:
    """The moment that was written so."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def day_of(text: str) -> date:
    """The shop's day of a moment."""
    return at(text).astimezone(ZoneInfo(reporting_time_zone())).date()


def minute_of(text: str) -> datetime:
    """The minute of a moment, as the warehouse's clients get it."""
    return at(text).replace(second=0, microsecond=0, tzinfo=None)


def converted(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount in the reporting currency, rounded half up."""
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


@dataclass
class Shop:
    """The tables as the source has them, and the log of how they came to be so."""

    base: datetime
    rows: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=lambda: {table: {} for table in KEYS})
    log: list[tuple[str, Change]] = field(default_factory=list)
    lsn: int = 1000

    def put(self, table: str, **values: Any) -> None:
        """Insert a row, or change the given columns of the row with that key."""
        key = tuple(values[name] for name in KEYS[table])
        before = self.rows[table].get(key)
        after = (before or {}) | values
        self.rows[table][key] = after
        self._log(table, "u" if before else "c", before=before, after=after)

    def write_unreadable(self, table: str, *key: Any, **values: Any) -> None:
        """Change a row to values of which the warehouse cannot read all: its rows stay as they were."""
        before = self.rows[table].get(key)
        row = before or dict(zip(KEYS[table], key, strict=True))
        self._log(table, "u" if before else "c", before=before, after=row | values)

    def delete(self, table: str, *key: Any) -> None:
        """Delete a row."""
        self._log(table, "d", before=self.rows[table].pop(key))

    def truncate(self, table: str) -> None:
        """Empty a table."""
        self.rows[table].clear()
        self._log(table, "t")

    def snapshot(self, table: str) -> None:
        """Read a table anew, as a capture does that has lost its place."""
        self.log.append((table, Change("t", self._next(), is_snapshot=True)))
        for row in self.rows[table].values():
            self.log.append((table, Change("r", self.lsn, after=dict(row), is_snapshot=True)))

    def moment(self, slot: int) -> str:
        """A moment within the last days: slots are 7 minutes apart."""
        return iso(self.base - timedelta(minutes=7 * slot, seconds=13 * slot % 60))

    def order_metrics(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """What rt_order_metrics must show."""
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for order in self.rows["orders"].values():
            if not self.is_test(order) and self.is_valued(order):
                place = (
                    minute_of(order["ordered_at"]),
                    order["ship_to_city"] or "(unknown)",
                    order["channel"],
                )
                groups[place].append(order)
        return {
            place: (
                sum(self.counts(order) for order in orders),
                sum((self.gmv(order) for order in orders), Decimal("0.00")),
                len({order["user_id"] for order in orders if self.counts(order)}),
                sum(order["status"] == "cancelled" for order in orders),
            )
            for place, orders in groups.items()
        }

    def is_left_out(self, user_id: int) -> bool:
        """Whether the account is a tester's or a bot."""
        user = self.rows["users"].get((user_id,))
        return user is not None and (user["is_test"] or user["is_bot"])

    def is_test(self, order: Row) -> bool:
        """Whether the order is left out of business figures."""
        return order["is_test"] or self.is_left_out(order["user_id"])

    def counts(self, order: Row) -> bool:
        """Whether the order counts towards GMV."""
        return not self.is_test(order) and not (order["status"] == "cancelled" and order["paid_at"] is None)

    def gmv(self, order: Row) -> Decimal:
        """The order's GMV in the reporting currency."""
        if not self.counts(order):
            return Decimal("0.00")
        rate = self.rate(order["currency"], day_of(order["ordered_at"]))
        return sum(
            (converted(amount, rate) for amount in self.line_amounts(order["order_id"])), Decimal("0.00")
        )

    def line_amounts(self, order_id: int) -> list[Decimal]:
        """Quantity x price of the order's lines."""
        items = self.rows["order_items"].values()
        return [
            item["quantity"] * Decimal(item["unit_price"]) for item in items if item["order_id"] == order_id
        ]

    def rate(self, currency: str, day: date) -> Decimal:
        """The exchange rate of a day: the latest one until then; 0 without any."""
        if currency == self.reporting_currency():
            return Decimal(1)
        known = {
            row["rate_date"]: Decimal(row["rate"])
            for row in self.rows["fx_rates"].values()
            if row["currency"] == currency and row["rate_date"] <= day.isoformat()
        }
        return known[max(known)] if known else Decimal(0)

    def reporting_currency(self) -> str | None:
        """What the rates say; without any, the one currency that all orders are in."""
        if self.rows["fx_rates"]:
            return "USD"
        currencies = {order["currency"] for order in self.rows["orders"].values()}
        return currencies.pop() if len(currencies) == 1 else None

    def is_valued(self, order: Row) -> bool:
        """Whether there is an exchange rate for it."""
        return bool(self.rate(order["currency"], day_of(order["ordered_at"])))

    def revenue(self) -> dict[datetime, tuple[Any, ...]]:
        """What rt_revenue_per_minute must show."""
        received: dict[datetime, list[Decimal]] = defaultdict(list)
        refunded: dict[datetime, list[Decimal]] = defaultdict(list)
        for payment in self.rows["payments"].values():
            if payment["status"] == "captured":
                self._add(
                    received, payment["captured_at"] or payment["attempted_at"], payment, payment["amount"]
                )
        for refund in self.rows["order_returns"].values():
            if refund["status"] == "refunded":
                self._add(refunded, refund["refunded_at"], refund, refund["refund_amount"])
        return {
            minute: (
                sum(received[minute], Decimal("0.00")),
                sum(refunded[minute], Decimal("0.00")),
                len(received[minute]),
                len(refunded[minute]),
            )
            for minute in {*received, *refunded}
        }

    def _add(self, into: dict[datetime, list[Decimal]], moment: str, movement: Row, amount: str) -> None:
        order = self.rows["orders"].get((movement["order_id"],))
        if order is not None and not self.is_test(order) and self.is_valued(order):
            rate = self.rate(movement["currency"], day_of(moment))
            if rate:
                into[minute_of(moment)].append(converted(Decimal(amount), rate))

    def events_per_minute(self) -> dict[tuple[Any, ...], int]:
        """What rt_events_per_minute must show."""
        counts: dict[tuple[Any, ...], int] = defaultdict(int)
        for event in self.rows["user_events"].values():
            counts[minute_of(event["occurred_at"]), event["event_type"]] += 1
        return dict(counts)

    def funnel(self) -> dict[tuple[Any, ...], tuple[int, ...]]:
        """What rt_funnel_metrics must show."""
        counts: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for event in self.rows["user_events"].values():
            if not event["is_bot"] and not self.is_left_out(event["user_id"]):
                minute = minute_of(event["occurred_at"])
                window = minute.replace(minute=minute.minute // 5 * 5)
                counts[window, event["platform"]].append(event["event_type"])
        steps = ("product_view", "add_to_cart", "purchase")
        return {place: tuple(kinds.count(step) for step in steps) for place, kinds in counts.items()}

    def velocity(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """What rt_category_velocity must show, by window and category."""
        sold: dict[tuple[Any, ...], list[tuple[int, int, Decimal]]] = defaultdict(list)
        for item in self.rows["order_items"].values():
            order = self.rows["orders"].get((item["order_id"],))
            if order is None or not self.counts(order) or not self.is_valued(order):
                continue
            minute = minute_of(order["ordered_at"])
            rate = self.rate(order["currency"], day_of(order["ordered_at"]))
            amount = converted(item["quantity"] * Decimal(item["unit_price"]), rate)
            place = (minute.replace(minute=minute.minute // 5 * 5), self._category(item["product_id"]))
            sold[place].append((order["order_id"], item["quantity"], amount))
        return {
            place: (
                len({line[0] for line in lines}),
                sum(line[1] for line in lines),
                sum((line[2] for line in lines), Decimal("0.00")),
            )
            for place, lines in sold.items()
        }

    def _category(self, product_id: int) -> str:
        product = self.rows["products"].get((product_id,))
        category = self.rows["categories"].get((product["category_id"],)) if product else None
        return category["category_name"] if category else "unclassified"

    def _next(self) -> int:
        self.lsn += 10
        return self.lsn

    def _log(self, table: str, op: str, before: Row | None = None, after: Row | None = None) -> None:
        lsn = self._next()
        self.log.append((table, Change(op, lsn, before=before and dict(before), after=after and dict(after))))
