"""Which mart each address answers from. A figure is read, never computed here."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradewind.warehouse import check_results


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
        "Headline figures of all time.",
        Order(("period",)),
        filters=("period",),
        is_single=True,
    ),
    Table(
        "/kpi/live",
        "rt.v_live_kpi",
        "Today's figures beside those of yesterday and a week ago, up to the same time.",
        Order(("reporting_date",)),
        is_live=True,
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
        "/gmv/hourly",
        "rt.mv_hourly_gmv",
        "Orders and GMV per hour, the latest first.",
        Order(("hour",), is_descending=True),
        period="hour",
        is_live=True,
    ),
    Table(
        "/revenue/daily",
        "ads.ads_revenue_daily",
        "Money received and given back per day.",
        Order(("event_date",)),
        period="event_date",
    ),
    Table(
        "/conversion/daily",
        "ads.ads_conversion_rate_daily",
        "Visitors and buyers per day.",
        Order(("event_date",)),
        period="event_date",
    ),
    Table(
        "/orders/live",
        "rt.rt_live_orders",
        "The latest orders, newest first.",
        Order(("ordered_at", "order_id"), is_descending=True),
        filters=("city", "channel", "status"),
        is_live=True,
    ),
    Table(
        "/orders/stuck",
        "rt.rt_stuck_orders",
        "Orders that nobody moves, the newest first.",
        Order(("ordered_at", "order_id"), is_descending=True),
        filters=("city", "channel"),
        has_people=True,
        is_live=True,
    ),
    Table(
        "/stock/alerts",
        "rt.rt_stock_alerts",
        "Stock that runs short.",
        Order(("sku_id", "warehouse_id")),
        filters=("warehouse_id", "is_below_safety_stock"),
        is_live=True,
    ),
    Table(
        "/flash-sales",
        "rt.rt_flash_sale_progress",
        "Flash sales against their quotas.",
        Order(("flash_sale_id",)),
        is_live=True,
    ),
    Table(
        "/warehouse/status",
        "ads.ads_warehouse_efficiency",
        "How full each warehouse is, what it lacks and how it delivers.",
        Order(("warehouse_id",)),
        filters=("warehouse_id", "country"),
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
    Table(
        "/checks",
        check_results.TABLE,
        "The latest result of each check.",
        Order(("check_name",)),
        filters=("status", "table_name"),
    ),
    Table(
        "/excluded-rows",
        "ads.ads_mart_status",
        "How many source rows each mart leaves out.",
        Order(("mart",)),
        filters=("mart",),
        is_single=True,
    ),
)
