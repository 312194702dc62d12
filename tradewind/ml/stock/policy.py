"""What reordering is decided by."""

from __future__ import annotations

from dataclasses import dataclass

PRIORITIES = ("Critical", "High", "Medium", "Low", "None")


@dataclass(frozen=True)
class Policy:
    """The shop's choices; probabilities are those of running out before a delivery."""

    service_level: float = 0.95
    """Probability that stock lasts until a delivery."""
    review_days: int = 7
    """Days between two looks at the stock, which an order has to last in addition to the lead time."""
    lead_time_days: int = 14
    """Where the supplier's is not known."""
    minimum_order: int = 6
    """Pieces; orders are whole multiples of it."""
    order_cost: float = 150.0
    """Cost of placing and receiving an order, in the catalogue's currency."""
    holding_rate: float = 0.25
    """Cost of holding a piece for a year, as a part of its cost."""
    least_demand: float = 0.05
    """Expected pieces within the horizon below which nothing is reordered."""
    critical: float = 0.8
    high: float = 0.4
    low_above: float = 1.25
    """Low: stock within this multiple of the reorder point."""
