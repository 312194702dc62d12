"""Which mart each address answers from. A figure is read, never computed here."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Order:
    """The order of rows, which ends with a key, so that pages can follow each other."""

    columns: tuple[str, ...]
    is_descending: bool = False


@dataclass(frozen=True)
class Table:
    """One address and the relation behind it."""

    path: str
    relation: str
    summary: str
    order: Order
    filters: tuple[str, ...] = ()
    """Columns that a parameter of the same name restricts to one value."""
    period: str | None = None
    """The date or time column that `from` and `to` restrict; both are included."""
    seller: str | None = None
    """The column with the seller's key; without one, sellers may not read the table."""
    has_people: bool = False
    """Rows are of single people."""
    is_live: bool = False
    """Near real time: it changes by itself, not with a build."""
    is_single: bool = field(default=False)
    """One row, or one per value of a small key: no pages."""

    @property
    def name(self) -> str:
        """The relation without its database."""
        return self.relation.partition(".")[2]


TABLES = (
    Table(
        "/kpi/summary",
        "ads.ads_kpi_summary",
        "Headline figures of today, the last days and all time.",
        Order(("period",)),
        filters=("period",),
        is_single=True,
    ),
    Table(
        "/gmv/daily",
        "ads.ads_daily_gmv",
        "Orders, buyers and GMV per day.",
        Order(("order_date",)),
        period="order_date",
    ),
    Table(
        "/gmv/realtime",
        "rt.rt_order_metrics",
        "Orders and GMV per minute, city and channel.",
        Order(("minute", "city", "channel"), is_descending=True),
        filters=("city", "channel"),
        period="minute",
        is_live=True,
    ),
    Table(
        "/products/top",
        "ads.ads_product_performance",
        "Products by GMV, the greatest first.",
        Order(("gmv_rank", "product_id")),
        filters=("department", "category", "subcategory", "seller_id", "price_tier"),
        seller="seller_id",
    ),
    Table(
        "/sellers/scorecard",
        "ads.ads_seller_scorecard",
        "Each seller's sales, delivery and ratings.",
        Order(("gmv_rank", "seller_id")),
        filters=("seller_id", "tier", "country"),
        seller="seller_id",
    ),
    Table(
        "/customers/rfm",
        "ads.ads_customer_rfm",
        "Each customer's recency, frequency and value, and the segment that follows.",
        Order(("user_id",)),
        filters=("rfm_segment", "tier", "country", "user_id"),
        has_people=True,
    ),
    Table(
        "/categories/trends",
        "ads.ads_category_trends",
        "Sales of each category per month, and the growth.",
        Order(("month_start_date", "department", "category")),
        filters=("department", "category"),
        period="month_start_date",
    ),
    Table(
        "/funnel",
        "rt.rt_funnel_metrics",
        "Views, carts and purchases per five minutes and platform.",
        Order(("window_start", "platform"), is_descending=True),
        filters=("platform",),
        period="window_start",
        is_live=True,
    ),
    Table(
        "/freshness",
        "rt.rt_freshness",
        "How far each near-real-time mart is behind the source.",
        Order(("mart",)),
        filters=("mart",),
        is_live=True,
        is_single=True,
    ),
)
