"""The Olist data set (a Brazilian marketplace, 2016-2018) into the shop's schema.

Belongs here: the nine files' columns and the order of the steps. Doesn't: what each step writes; that is
`sql/olist/`, one statement per file, named for its table.

Times in the files carry no zone; they are taken as UTC, so that dates stay those of the files.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tradewind.marketplace.loaders.bulk import bulk_load, run_file, stage
from tradewind.marketplace.loaders.files import FileSpec, degrees, integer, money, one_of, text, timestamp
from tradewind.marketplace.loaders.report import Derived, FileLoad, LoadError, LoadReport, Note, Refusal

_SQL = Path(__file__).parent / "sql" / "olist"
_CURRENCY = "BRL"
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


@dataclass(frozen=True)
class _Step:
    """One SQL file: the table it fills, the file those rows stand for, or how they are derived."""

    sql_file: str
    table: str
    source: FileSpec | None = None
    derived: str = ""


STEPS = (
    _Step(
        "10_fx_rates",
        "fx_rates",
        derived="one rate of 1 per day from the first to the last order: all is in BRL",
    ),
    _Step("20_users", "users", derived="one per customer_unique_id, registered at the first order"),
    _Step("21_customers", "customers", CUSTOMERS),
    _Step("22_sellers", "sellers", SELLERS),
    _Step("30_departments", "categories", derived="departments above the flat categories"),
    _Step("31_categories", "categories", CATEGORIES),
    _Step("32_untranslated", "categories", derived="categories that products name but no translation does"),
    _Step("33_products", "products", PRODUCTS),
    _Step(
        "34_product_skus", "product_skus", derived="one SKU per product sold, at the price of its latest sale"
    ),
    _Step("40_orders", "orders", ORDERS),
    _Step("41_order_items", "order_items", ITEMS),
    _Step(
        "42_order_status_history",
        "order_status_history",
        derived="steps of the life cycle, from the timestamps",
    ),
    _Step("43_payments", "payments", PAYMENTS),
    _Step("44_shipments", "shipments", derived="one per order that reached a carrier"),
    _Step("45_reviews", "reviews", REVIEWS),
    _Step("50_geolocations", "geolocations", GEOLOCATIONS),
)
_FILES = tuple(step.source for step in STEPS if step.source is not None)


def load(owner_url: str, folder: Path) -> LoadReport:
    """Load the nine files of `folder` in one transaction; repeating it adds nothing.

    Raises LoadError, with nothing loaded, for a missing or malformed file, row or column. A row that is
    well formed but refers to a row that is not there, or repeats a key, is refused and reported.
    """
    started = time.monotonic()
    with bulk_load(owner_url) as connection:
        names = {spec: stage(connection, folder, spec) for spec in _FILES}
        for path in sorted(_SQL.glob("0*.sql")):
            connection.execute(path.read_bytes())
        _require_reporting_currency(connection)
        counts = [(step, run_file(connection, _SQL / f"{step.sql_file}.sql")) for step in STEPS]
        refused = _refusals(connection, names)
        derived = [Derived(step.table, count, step.derived) for step, count in counts if step.derived]
        notes = _notes(connection)
        loaded = {step.source: (step.table, count) for step, count in counts if step.source is not None}
    files = [_file_load(*names[spec], *loaded[spec], refused) for spec in _FILES]
    seconds = round(time.monotonic() - started, 2)
    return LoadReport("olist", str(folder), tuple(files), tuple(derived), refused, notes, seconds)


def _require_reporting_currency(connection: psycopg.Connection) -> None:
    """Amounts in BRL need rates; only a shop that reports in BRL (or in nothing yet) has them by nature."""
    row = connection.execute(
        "select reporting_currency from fx_rates where reporting_currency <> %s and not exists ("
        " select from fx_rates where currency = %s and rate_date <= ("
        "  select min(order_purchase_timestamp) from staged_olist_orders_dataset)) limit 1",
        [_CURRENCY, _CURRENCY],
    ).fetchone()
    if row is not None:
        raise LoadError(
            "database",
            f"this shop reports in {row[0]} and fx_rates holds no {_CURRENCY} rate for the first order: "
            "add the rates, or load into an empty shop",
        )


def _refusals(connection: psycopg.Connection, names: dict[FileSpec, tuple[str, int]]) -> tuple[Refusal, ...]:
    file_names = {spec.stem: name for spec, (name, _) in names.items()}
    rows = connection.execute("select stem, line, reason from refused order by stem, line")
    return tuple(Refusal(file_names[stem], line, reason) for stem, line, reason in rows)


def _notes(connection: psycopg.Connection) -> tuple[Note, ...]:
    """What a reader of the loaded tables should know about values the files do not state."""
    rows = connection.execute((_SQL / "90_notes.sql").read_bytes())
    return tuple(Note(table, count, what) for table, count, what in rows if count)


def _file_load(name: str, rows: int, table: str, loaded: int, refused: tuple[Refusal, ...]) -> FileLoad:
    refused_here = sum(1 for refusal in refused if refusal.file == name)
    return FileLoad(name, table, rows, loaded, rows - loaded - refused_here, refused_here)
