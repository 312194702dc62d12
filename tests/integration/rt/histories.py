"""Random histories of the shop, for hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from tests.integration.dbt.changes import Change
from tests.integration.rt.shop import CHANNELS, CITIES, CURRENCIES, EVENT_TYPES, PLATFORMS, Shop

Arrivals = list[list[tuple[str, Change]]]

ACTIONS = (
    *(["place"] * 4), "pay", "cancel", "reprice", "new time", "new city", "new line", "drop line",
    "drop order", "make a test", "payment", "payment", "capture", "refund", "rate", "event", "event",
    "event moves", "drop event", "account", "drop account", "truncate", "snapshot",
    "unreadable",
)  # fmt: skip
PRICES = ("0.01", "1.11", "10.05", "333.33", "99999.99")
RATES = ("0.03127345", "0.00004019", "1.50000000", "0.33333333")
UNREADABLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("orders", {"status": "cancelled", "total_amount": "NaN"}),
    ("orders", {"status": "cancelled", "delivered_at": "infinity"}),
    ("order_items", {"unit_price": "12.345"}),
    ("payments", {"status": "failed", "amount": "1e30"}),
    ("order_returns", {"status": "requested", "refund_amount": "ten"}),
    ("user_events", {"event_type": "purchase", "click_count": "99999999999"}),
    ("users", {"is_bot": "maybe"}),
)
"""Table -> values that would change what its marts show; one of them does not fit its column."""
TRUNCATED = ("orders", "order_items", "payments", "order_returns", "user_events", "fx_rates", "users")


def play(shop: Shop, action: str, key: int, other: int, number: int) -> None:
    """Apply one action, or nothing where the shop's state does not allow it."""
    order = shop.rows["orders"].get((key,))
    if action == "place":
        _place(shop, key, other, number)
    elif action == "rate":
        day = (shop.base - timedelta(days=other)).date().isoformat()
        shop.put(
            "fx_rates",
            currency=CURRENCIES[key % 2],
            rate_date=day,
            reporting_currency="USD",
            rate=RATES[number % len(RATES)],
        )
    elif action in ("event", "event moves", "drop event"):
        _event(shop, action, key, other, number)
    elif action == "account":
        shop.put("users", user_id=key % 2, is_test=number % 3 == 0, is_bot=number % 4 == 0)
    elif action == "drop account":
        if (key % 2,) in shop.rows["users"]:
            shop.delete("users", key % 2)
    elif action in ("truncate", "snapshot"):
        table = TRUNCATED[number % len(TRUNCATED)]
        shop.truncate(table) if action == "truncate" else shop.snapshot(table)
    elif action == "unreadable":
        table, values = UNREADABLE[number % len(UNREADABLE)]
        shop.write_unreadable(table, key, **values)
    elif order is not None:
        _change(shop, action, key, other, number)


def _place(shop: Shop, key: int, slot: int, number: int) -> None:
    if (key,) in shop.rows["orders"]:
        return
    currency = CURRENCIES[number % 3]
    prices = [PRICES[(number + line) % len(PRICES)] for line in range(1 + number % 3)]
    total = sum((Decimal(price) * 2 for price in prices), Decimal("0.00"))
    shop.put(
        "orders", order_id=key, user_id=key % 2, channel=CHANNELS[number % 2], status="pending",
        ship_to_city=CITIES[slot % 3], currency=currency, subtotal_amount=str(total), total_amount=str(total),
        is_test=False, ordered_at=shop.moment(slot), paid_at=None,
    )  # fmt: skip
    for line, price in enumerate(prices):
        _line(shop, key, key * 10 + line, price, number + line)


def _line(shop: Shop, order_id: int, item_id: int, price: str, number: int) -> None:
    shop.put(
        "order_items", order_item_id=item_id, order_id=order_id, product_id=1 + number % 3, sku_id=1,
        quantity=2, unit_price=price,
    )  # fmt: skip


def _change(shop: Shop, action: str, key: int, other: int, number: int) -> None:
    """Something that happens to an order that is there."""
    items = [item for item in shop.rows["order_items"].values() if item["order_id"] == key]
    if action == "pay":
        shop.put("orders", order_id=key, status="paid", paid_at=shop.moment(other))
    elif action == "cancel":
        shop.put("orders", order_id=key, status="cancelled")
    elif action == "new time":
        shop.put("orders", order_id=key, ordered_at=shop.moment(number % 600))
    elif action == "new city":
        shop.put("orders", order_id=key, ship_to_city=CITIES[number % 3])
    elif action == "make a test":
        shop.put("orders", order_id=key, is_test=number % 2 == 0)
    elif action == "drop order":
        for item in items:
            shop.delete("order_items", item["order_item_id"])
        shop.delete("orders", key)
    elif action in ("payment", "capture", "refund"):
        _money(shop, action, key, other, number)
    else:
        _change_lines(shop, action, key, number, [item["order_item_id"] for item in items])


def _change_lines(shop: Shop, action: str, key: int, number: int, items: list[int]) -> None:
    if action == "new line" and len(items) < 4:
        free = next(item for item in range(key * 10, key * 10 + 9) if item not in items)
        _line(shop, key, free, PRICES[number % len(PRICES)], number)
    elif action == "drop line" and items:
        shop.delete("order_items", items[0])
    elif action == "reprice" and items:
        shop.put("order_items", order_item_id=items[-1], unit_price=PRICES[number % len(PRICES)])
    total = str(sum(shop.line_amounts(key), Decimal("0.00")))
    if shop.rows["orders"][key,]["subtotal_amount"] != total:
        shop.put("orders", order_id=key, subtotal_amount=total, total_amount=total)


def _money(shop: Shop, action: str, key: int, other: int, number: int) -> None:
    currency = shop.rows["orders"][key,]["currency"]
    amount = PRICES[number % len(PRICES)]
    if action == "refund":
        is_refunded = number % 4 != 0
        shop.put(
            "order_returns", return_id=key, order_id=key, currency=currency, refund_amount=amount,
            status="refunded" if is_refunded else "requested",
            refunded_at=shop.moment(other) if is_refunded else None,
        )  # fmt: skip
        return
    captured = shop.moment(other) if action == "capture" else None
    shop.put(
        "payments", payment_id=key, order_id=key, currency=currency, amount=amount,
        status="captured" if captured else ("pending", "failed", "captured")[number % 3],
        attempted_at=shop.moment(other + 1), captured_at=captured,
    )  # fmt: skip


def _event(shop: Shop, action: str, key: int, slot: int, number: int) -> None:
    is_there = (key,) in shop.rows["user_events"]
    if action == "drop event":
        if is_there:
            shop.delete("user_events", key)
    elif action == "event moves":
        if is_there:
            shop.put("user_events", event_id=key, occurred_at=shop.moment(number % 600))
    else:
        shop.put(
            "user_events", event_id=key, event_type=EVENT_TYPES[number % 4], platform=PLATFORMS[slot % 2],
            session_id="s", user_id=1, is_bot=number % 5 == 0, occurred_at=shop.moment(slot),
        )  # fmt: skip


HISTORIES = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(1, 3), st.integers(0, 3), st.integers(0, 599)),
    min_size=3,
    max_size=25,
)


def new_shop() -> Shop:
    """A shop with products, categories and rates, in the present."""
    shop = Shop(datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2))
    for number, name in enumerate(("Toys", "Books"), 1):
        shop.put("categories", category_id=number, parent_id=None, level=1, category_name=name)
    for number, category in enumerate((1, 2, None), 1):
        shop.put(
            "products",
            product_id=number,
            product_name=f"product {number}",
            category_id=category,
            currency="THB",
        )
    for currency, rate in (("THB", "0.03127000"), ("VND", "0.00003990"), ("USD", "1.00000000")):
        day = (shop.base - timedelta(days=10)).date().isoformat()
        shop.put("fx_rates", currency=currency, rate_date=day, reporting_currency="USD", rate=rate)
    return shop


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[Shop, Arrivals]:
    """A history, and its changes in the inserts they arrive with: any order, some more than once."""
    shop = new_shop()
    for action in draw(HISTORIES):
        play(shop, *action)
    repeated = draw(st.lists(st.sampled_from(shop.log), max_size=6))
    shuffled = list(draw(st.permutations(shop.log + repeated)))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))
    edges = [0, *cuts, len(shuffled)]
    return shop, [shuffled[start:end] for start, end in pairwise(edges)]
