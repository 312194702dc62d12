"""The Olist data set (a Brazilian marketplace, 2016-2018) into the shop's schema.

Times in the files carry no zone; they are local to São Paulo.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tradewind.marketplace.loaders import data_set
from tradewind.marketplace.loaders.data_set import DataSet, Money, Step
from tradewind.marketplace.loaders.report import LoadReport
from tradewind.source.files import FileSpec, degrees, integer, money, one_of, text, timestamp

_MANY = 2**31 - 1

CUSTOMERS = FileSpec(
    "olist_customers_dataset",
    (
        text("customer_id"),
        text("customer_unique_id"),
        text("customer_zip_code_prefix"),
        text("customer_city"),
        text("customer_state"),
    ),
)
SELLERS = FileSpec(
    "olist_sellers_dataset",
    (text("seller_id"), text("seller_zip_code_prefix"), text("seller_city"), text("seller_state")),
)
CATEGORIES = FileSpec(
    "product_category_name_translation",
    (text("product_category_name"), text("product_category_name_english")),
)
PRODUCTS = FileSpec(
    "olist_products_dataset",
    (
        text("product_id"),
        text("product_category_name", optional=True),
        integer("product_name_lenght", 0, _MANY, optional=True),
        integer("product_description_lenght", 0, _MANY, optional=True),
        integer("product_photos_qty", 0, _MANY, optional=True),
        integer("product_weight_g", 0, _MANY, optional=True),
        integer("product_length_cm", 0, 999_999, optional=True),
        integer("product_height_cm", 0, 999_999, optional=True),
        integer("product_width_cm", 0, 999_999, optional=True),
    ),
)
ORDERS = FileSpec(
    "olist_orders_dataset",
    (
        text("order_id"),
        text("customer_id"),
        one_of(
            "order_status",
            "created",
            "approved",
            "invoiced",
            "processing",
            "shipped",
            "delivered",
            "canceled",
            "unavailable",
        ),
        timestamp("order_purchase_timestamp"),
        timestamp("order_approved_at", optional=True),
        timestamp("order_delivered_carrier_date", optional=True),
        timestamp("order_delivered_customer_date", optional=True),
        timestamp("order_estimated_delivery_date"),
    ),
)
ITEMS = FileSpec(
    "olist_order_items_dataset",
    (
        text("order_id"),
        integer("order_item_id", 1, _MANY),
        text("product_id"),
        text("seller_id"),
        timestamp("shipping_limit_date"),
        money("price"),
        money("freight_value"),
    ),
)
PAYMENTS = FileSpec(
    "olist_order_payments_dataset",
    (
        text("order_id"),
        integer("payment_sequential", 1, _MANY),
        one_of("payment_type", "credit_card", "debit_card", "boleto", "voucher", "not_defined"),
        integer("payment_installments", 0, _MANY),
        money("payment_value"),
    ),
)
REVIEWS = FileSpec(
    "olist_order_reviews_dataset",
    (
        text("review_id"),
        text("order_id"),
        integer("review_score", 1, 5),
        text("review_comment_title", optional=True),
        text("review_comment_message", optional=True),
        timestamp("review_creation_date"),
        timestamp("review_answer_timestamp"),
    ),
)
GEOLOCATIONS = FileSpec(
    "olist_geolocation_dataset",
    (
        text("geolocation_zip_code_prefix"),
        degrees("geolocation_lat", 90),
        degrees("geolocation_lng", 180),
        text("geolocation_city"),
        text("geolocation_state"),
    ),
)


STEPS = (
    Step(
        "10_fx_rates",
        "fx_rates",
        derived="one rate of 1 per day from the first to the last order: all is in BRL",
    ),
    Step("20_users", "users", derived="one per customer_unique_id, registered at the first order"),
    Step("21_customers", "customers", CUSTOMERS),
    Step("22_sellers", "sellers", SELLERS),
    Step("30_departments", "categories", derived="departments above the flat categories"),
    Step("31_categories", "categories", CATEGORIES),
    Step("32_untranslated", "categories", derived="categories that products name but no translation does"),
    Step("33_products", "products", PRODUCTS),
    Step(
        "34_product_skus", "product_skus", derived="one SKU per product sold, at the price of its latest sale"
    ),
    Step("40_orders", "orders", ORDERS),
    Step("41_order_items", "order_items", ITEMS),
    Step(
        "42_order_status_history",
        "order_status_history",
        derived="steps of the life cycle, from the timestamps",
    ),
    Step("43_payments", "payments", PAYMENTS),
    Step("44_shipments", "shipments", derived="one per order that reached a carrier"),
    Step("45_reviews", "reviews", REVIEWS),
    Step("50_geolocations", "geolocations", GEOLOCATIONS),
)

OLIST = DataSet(
    "olist",
    STEPS,
    Money("BRL", "select min(order_purchase_timestamp) from staged_olist_orders_dataset"),
    time_zone="America/Sao_Paulo",
    last_day=date(2018, 10, 17),
)


def load(owner_url: str, folder: Path) -> LoadReport:
    """Load the nine files of `folder` (see `data_set.load`)."""
    return data_set.load(OLIST, owner_url, folder)
