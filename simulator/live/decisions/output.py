"""What a stretch of the run wants written: many small rows at once, and records one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from simulator.live.decisions.records import NewPerson

EVENT_COLUMNS = (
    *("event_type", "session_id", "user_id", "product_id", "category_id", "order_id", "campaign_id"),
    *("platform", "device", "device_fingerprint", "ip_address", "duration_ms", "search_query", "filters"),
    *("scroll_depth_rate", "click_count", "country", "city", "referrer", "is_bot", "occurred_at"),
)
Row = tuple[object, ...]
CartLine = tuple[int, int]
"""cart_id, sku_id."""
NewId = Callable[[str], int]
"""A fresh identifier for a table, such as `orders`."""


@dataclass
class Output:
    """Rows by kind; `records` are whole transactions."""

    events: list[Row] = field(default_factory=list)
    """In the order of EVENT_COLUMNS."""
    carts: list[Row] = field(default_factory=list)
    """cart_id, user_id, session_id, currency, opened_at."""
    cart_items: dict[CartLine, Row] = field(default_factory=dict)
    """quantity, unit_price, added_at of what the stretch put in a cart and left there."""
    removed_items: set[CartLine] = field(default_factory=set)
    """To be taken out before `cart_items` are put in: the same SKU may come back."""
    abandoned_carts: list[tuple[int, datetime]] = field(default_factory=list)
    """cart_id, closed_at."""
    wishes: list[tuple[int, int, datetime]] = field(default_factory=list)
    """user_id, product_id, added_at."""
    people: list[NewPerson] = field(default_factory=list)
    recounts: set[int] = field(default_factory=set)
    """SKUs whose stock turned out to be another than was thought."""
    records: list[object] = field(default_factory=list)
