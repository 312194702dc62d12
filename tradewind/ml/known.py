"""By what a feature's source says when a value became known; without that it may not be learned from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from tradewind.ml.errors import LeakageError


@dataclass(frozen=True)
class Source:
    """A column that features are computed from."""

    column: str
    business_time: str | None
    """The column with the moment from which a value holds, for a loaded history."""
    has_positions: bool = True
    """Whether the change log keeps every value with its position, for what was captured live."""


DEMAND_SOURCES = (
    Source("inventory_log.quantity_change", "inventory_log.moved_at"),
    Source("sku_price_history.price", "sku_price_history.valid_from"),
    Source("products.department", "products.listed_at"),
)
"""A product moves between the categories of a department, never to another department."""

CUSTOMER_SOURCES = (
    Source("order_items.quantity", "orders.ordered_at"),
    Source("order_items.unit_price", "orders.ordered_at"),
    Source("order_items.unit_cost", "orders.ordered_at"),
    Source("orders.status", "order_status_history.changed_at"),
)

RECOMMENDATION_SOURCES = (Source("order_items.product_id", "orders.ordered_at"), CUSTOMER_SOURCES[-1])
FRAUD_SOURCES = (
    Source("orders.device_fingerprint", "orders.ordered_at"),
    Source("orders.ip_address", "orders.ordered_at"),
    Source("orders.total_amount", "orders.ordered_at"),
    Source("payments.card_fingerprint", "payments.attempted_at"),
    Source("order_returns.return_id", "order_returns.requested_at"),
    Source("fraud_cases.outcome", "fraud_cases.decided_at"),
    Source("users.country", "users.registered_at"),
)


def check(sources: Iterable[Source], first_origin: pd.Timestamp, captured_since: pd.Timestamp | None) -> None:
    """Refuse sources of which nobody knows what was known at the first origin; LeakageError names them.

    `captured_since`: from when changes were captured live; None for a loaded history.
    """
    is_live = captured_since is not None and first_origin >= captured_since
    refused = [
        source.column
        for source in sources
        if source.business_time is None and not (is_live and source.has_positions)
    ]
    if refused:
        raise LeakageError(
            f"{', '.join(refused)}: neither a business time nor the log says what was known on "
            f"{first_origin.date()}; train without it, or on days since it is captured"
        )
