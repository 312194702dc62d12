"""Addresses of the marts of one department each: customers, finance, marketing, operations, sales."""

from __future__ import annotations

from tradewind.serving.api.table import Names, Order, Table

SELLER_NAME = Names("ads.ads_seller_scorecard", ("seller_id",), ("seller_name",))
PRODUCT_NAME = Names("ads.ads_product_performance", ("product_id",), ("product_name",))

CUSTOMERS = (
    Table(
        "/customers/cohorts",
        "ads.ads_cohort_retention",
        "How many buyers of a month came back in the months after.",
        Order(("cohort_month", "order_month")),
        filters=("is_in_progress",),
        period="cohort_month",
    ),
    Table(
        "/customers/lifetime",
        "ads.ads_customer_ltv",
        "Each buyer's contribution margin so far, and of the first 30, 90 and 365 days.",
        Order(("user_id",)),
        filters=("user_id", "country", "tier", "acquisition_channel", "cohort_month"),
        has_people=True,
    ),
    Table(
        "/customers/churn",
        "ads.ads_customer_churn",
        "Each buyer's signs of leaving: pace, late orders, returns, visits.",
        Order(("user_id",)),
        filters=("user_id", "country", "tier", "rfm_segment", "churn_status"),
        has_people=True,
    ),
)
FINANCE = (
    Table(
        "/sellers/settlement",
        "ads.ads_seller_settlement",
        "What each sale and refund gives a seller, and what of it was transferred; the latest first.",
        Order(("entry_date", "entry_id"), is_descending=True),
        filters=("seller_id", "status", "entry_type", "currency", "order_id", "payout_id"),
        period="entry_date",
        seller="seller_id",
        names=(SELLER_NAME,),
    ),
    Table(
        "/margins/lines",
        "ads.ads_contribution_margin",
        "What each order line leaves to its seller and to the platform, the latest first.",
        Order(("order_date", "margin_line_id"), is_descending=True),
        filters=("order_id", "user_id", "seller_id", "product_id", "sku_id", "channel", "campaign_id"),
        period="order_date",
        has_people=True,
        names=(SELLER_NAME, PRODUCT_NAME),
    ),
    Table(
        "/margins/skus",
        "ads.ads_contribution_margin_by_sku",
        "Contribution margin of each SKU sold, over all time.",
        Order(("sku_id",)),
        filters=("sku_id", "product_id", "seller_id", "department", "category"),
    ),
    Table(
        "/margins/channels",
        "ads.ads_contribution_margin_by_channel",
        "Contribution margin per month and sales channel.",
        Order(("month_start_date", "channel")),
        filters=("channel",),
        period="month_start_date",
    ),
    Table(
        "/payments/reconciliation",
        "ads.ads_payment_reconciliation",
        "What gateways and marketplaces owe, announced and transferred, the latest first.",
        Order(("claim_date", "claim_id"), is_descending=True),
        filters=("payer_type", "payer", "status", "currency", "order_id"),
        period="claim_date",
    ),
)
MARKETING = (
    Table(
        "/attribution",
        "ads.ads_attribution",
        "Orders and spend per day, traffic channel and campaign. Choose one attribution_model: they divide "
        "the same orders.",
        Order(("event_date", "attribution_model", "traffic_channel", "campaign_id")),
        filters=("attribution_model", "traffic_channel", "campaign_id"),
        period="event_date",
    ),
    Table(
        "/vouchers",
        "ads.ads_voucher_effect",
        "Orders, new buyers and margin of each voucher.",
        Order(("voucher_id",)),
        filters=("voucher_code", "voucher_type", "funded_by"),
    ),
    Table(
        "/flash-sales/results",
        "ads.ads_flash_sale",
        "Pieces, buyers and margin of each flash sale, beside what the SKU sells otherwise.",
        Order(("flash_sale_id",)),
        filters=("sku_id", "product_id", "campaign_id"),
        period="start_date",
    ),
    Table(
        "/funnel/daily",
        "ads.ads_funnel_daily",
        "Visits that reach product view, cart, checkout and purchase, per day and platform.",
        Order(("event_date", "platform")),
        filters=("platform",),
        period="event_date",
    ),
    Table(
        "/carts/daily",
        "ads.ads_cart_abandonment_daily",
        "Carts that were given up per day, and their value.",
        Order(("event_date",)),
        period="event_date",
    ),
    Table(
        "/visits/daily",
        "ads.ads_events_by_source_daily",
        "Events, visits and visitors per day and traffic channel.",
        Order(("event_date", "source")),
        filters=("source",),
        period="event_date",
    ),
)
OPERATIONS = (
    Table(
        "/stock/health",
        "ads.ads_inventory_health",
        "Days of cover, turnover, stock-outs and lost sales of each SKU in a warehouse.",
        Order(("sku_id", "warehouse_id")),
        filters=(
            "sku_id",
            "warehouse_id",
            "product_id",
            "department",
            "category",
            "abc_class",
            "xyz_class",
            "needs_reorder",
            "is_dead_stock",
        ),
    ),
    Table(
        "/shipping/daily",
        "ads.ads_shipping_sla",
        "Parcels on time, late and overdue per day, carrier and place.",
        Order(("shipped_date", "carrier", "shipped_from")),
        filters=("carrier", "shipped_from"),
        period="shipped_date",
    ),
    Table(
        "/returns",
        "ads.ads_returns",
        "What comes back and why, per month of delivery and category.",
        Order(("delivery_month", "department", "category")),
        filters=("department", "category"),
        period="delivery_month",
    ),
)
SALES = (
    Table(
        "/categories/daily",
        "ads.ads_category_sales_daily",
        "Pieces and revenue per day and category.",
        Order(("event_date", "department", "category")),
        filters=("department", "category"),
        period="event_date",
    ),
    Table(
        "/regions",
        "ads.ads_geo_sales",
        "Orders, buyers, GMV and delivery per month and city.",
        Order(("order_month", "country", "state", "city")),
        filters=("country", "state", "city"),
        period="order_month",
    ),
)
MARTS = (*CUSTOMERS, *FINANCE, *MARKETING, *OPERATIONS, *SALES)
