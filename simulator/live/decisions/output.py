"""The output of one step of a run: rows to insert in bulk, and records that are a transaction each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from simulator.live.decisions.records import NewPerson

EVENT_COLUMNS = (
    *("event_type", "session_id", "user_id", "product_id", "category_id", "order_id", "campaign_id"),
    *("platform", "device", "device_fingerprint", "ip_address", "duration_ms", "search_query", "filters"),
    *("scroll_depth_rate", "click_count", "country", "city", "page_path", "referrer", "is_bot"),
    "occurred_at",
)
Row = tuple[object, ...]
CartLine = tuple[int, int]
"""cart_id, sku_id."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """The end of a payer type's period: what happened until then is to be settled."""

    payer_type: str
    starts_at: datetime
    ends_at: datetime


NewId = Callable[[str], int]
"""Returns a new identifier for a table, such as `orders`."""


@dataclass
class Output:
    """Rows by table, and records."""

    events: list[Row] = field(default_factory=list)
    """In the order of EVENT_COLUMNS."""
    carts: list[Row] = field(default_factory=list)
    """cart_id, user_id, session_id, currency, opened_at."""
    cart_items: dict[CartLine, Row] = field(default_factory=dict)
    """quantity, unit_price, added_at of items added in this step and not removed again."""
    removed_items: set[CartLine] = field(default_factory=set)
    """Deleted before `cart_items` are inserted, since the same SKU may be added again."""
    abandoned_carts: list[tuple[int, datetime]] = field(default_factory=list)
    """cart_id, closed_at."""
    wishlist_items: list[tuple[int, int, datetime]] = field(default_factory=list)
    """user_id, product_id, added_at."""
    people: list[NewPerson] = field(default_factory=list)
    stale_skus: set[int] = field(default_factory=set)
    """SKUs whose known stock proved wrong; to be read again."""
    cut_offs: list[CutOff] = field(default_factory=list)
    records: list[object] = field(default_factory=list)
