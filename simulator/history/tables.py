"""The history as rows of the shop's tables: parents before children, large tables in chunks."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from simulator.history import (
    attacks,
    change_history,
    inventory_tables,
    order_steps,
    order_tables,
    reviews,
    summaries,
)
from simulator.history.clickstream import OrderOrigins, clickstream, order_origins
from simulator.history.generate import History
from simulator.history.payments import payments_table
from simulator.history.payouts import make_payouts, payout_lines_table, payouts_table
from simulator.history.returns import order_returns
from simulator.history.risk import fraud_cases_table
from simulator.history.shipments import shipments_table
from simulator.world import campaigns, catalogue_tables, partners, people, places, promotions, rates

Chunk = tuple[str, pa.Table]
"""Some rows of a table, with the table's name; the name is qualified unless the schema is `public`."""
CHUNK_ROWS = 50_000


def all_tables(history: History, workers: int) -> Iterator[Chunk]:
    """All rows of all tables, in an order in which they can be inserted."""
    origins = order_origins(history)
    yield from _world(history)
    yield from _orders(history, origins)
    yield from _payouts(history)
    yield from _stock(history)
    yield from clickstream(history, origins, workers)
    yield from _labels(history, origins)


def _world(history: History) -> Iterator[Chunk]:
    plan, world, made = history.plan, history.world, history.reviews
    catalogue = world.catalogue
    product_ratings = made.sums(made.product, len(catalogue.product_listed))
    seller_stars, seller_reviews, _ = made.sums(catalogue.product_seller[made.product], plan.size.sellers)
    stock = inventory_tables.sum_ledger(history.allocation.ledger, catalogue)
    yield "fx_rates", rates.fx_rates(world.rates)
    yield "geolocations", places.geolocations(plan)
    yield from _chunks("users", people.users(plan, world.people, summaries.last_seen(history)))
    yield from _chunks(
        "customers", people.customers(plan, world.people, *summaries.loyalty_of_accounts(history))
    )
    yield "suppliers", partners.suppliers(plan, world.suppliers)
    yield "customer_tier_history", change_history.customer_tier_history(history)
    yield "sellers", partners.sellers_table(plan, world.people, world.sellers, seller_stars, seller_reviews)
    yield "seller_contract_history", partners.seller_contract_history(world.sellers)
    yield "warehouses", partners.warehouses(plan)
    yield "categories", catalogue_tables.categories(plan)
    yield "products", catalogue_tables.products(plan, catalogue, *product_ratings)
    yield (
        "product_skus",
        catalogue_tables.product_skus(plan, catalogue, stock.sku_quantity, stock.sku_moved),
    )
    yield "sku_price_history", change_history.sku_price_history(history)
    yield "campaigns", campaigns.campaigns_table(plan, world.campaigns)
    yield "campaign_spend", campaigns.campaign_spend(plan, world.campaigns)
    yield "vouchers", promotions.vouchers_table(plan, world.vouchers, *summaries.voucher_uses(history))
    yield (
        "flash_sales",
        promotions.flash_sales_table(world.flash_sales, *summaries.flash_sale_pieces(history)),
    )


def _orders(history: History, origins: OrderOrigins) -> Iterator[Chunk]:
    plan, orders, order_lines, amounts = history.plan, history.orders, history.order_lines, history.amounts
    steps = history.order_steps
    reported = order_steps.reported(plan, steps)
    written = order_steps.report_times(plan, reported)
    promised = history.delivery.promised_at(history.allocation.warehouse)
    origin = order_tables.Origin(origins.order_session, origins.order_device, origins.order_address)
    for rows in _slices(orders.count):
        yield "orders", order_tables.orders_table(orders, amounts, reported, written, promised, origin, rows)
    for rows in _slices(len(order_lines.order)):
        items = order_tables.order_items(orders, order_lines, amounts, history.world.catalogue, rows)
        yield "order_items", items
    yield from _chunks("order_status_history", order_steps.order_status_history(reported, written))
    payments = payments_table(plan, orders, amounts, history.payments, history.payment_rows, history.attacks)
    yield from _chunks("payments", payments)
    yield from _chunks("shipments", shipments_table(history))
    yield from _chunks("order_returns", order_returns(orders, history.return_rows))
    yield from _chunks("reviews", reviews.reviews_table(plan, orders, history.reviews))
    yield from _chunks("voucher_redemptions", order_tables.voucher_redemptions(orders, amounts, steps))
    yield "fraud_cases", fraud_cases_table(history.risk)


def _payouts(history: History) -> Iterator[Chunk]:
    made = make_payouts(history)
    yield from _chunks("payouts", payouts_table(history, made))
    yield from _chunks("payout_lines", payout_lines_table(made))


def _stock(history: History) -> Iterator[Chunk]:
    catalogue, allocation = history.world.catalogue, history.allocation
    stock = inventory_tables.sum_ledger(allocation.ledger, catalogue)
    yield from _chunks("inventory", inventory_tables.inventory(history.plan, stock, allocation.levels))
    yield from _chunks("inventory_log", inventory_tables.inventory_log(allocation.ledger, catalogue))


def _labels(history: History, origins: OrderOrigins) -> Iterator[Chunk]:
    plan, orders = history.plan, history.orders
    first_payment = history.payment_rows.first_of_orders(orders.count)
    attack = summaries.attack_of_order(history)
    yield "labels.attacks", attacks.attacks_table(history.attacks, orders.moment, attack, plan)
    labels = attacks.labels_table(plan, attack, orders.user, origins.order_session, first_payment)
    yield "labels.fraud_labels", labels


def _slices(count: int) -> list[slice]:
    return [slice(first, min(first + CHUNK_ROWS, count)) for first in range(0, count, CHUNK_ROWS)]


def _chunks(name: str, table: pa.Table) -> Iterator[Chunk]:
    for rows in _slices(table.num_rows):
        yield name, table.slice(rows.start, rows.stop - rows.start)
