"""The history as tables: every table of the shop, parents before children, large ones in chunks."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history import course as life
from simulator.history import fraud, ledger, order_tables, payments, returns, reviews
from simulator.history.course import CANCELLED, DELIVERED
from simulator.history.days import Places, clickstream, places_of
from simulator.history.story import Story
from simulator.randomness import Ints
from simulator.world import (
    campaigns,
    goods,
    partners,
    people,
    places,
    promotions,
    rates,
)
from simulator.world.people import GUEST

Chunk = tuple[str, pa.Table]
"""A table's name, with its schema where that is not `public`; and some of its rows."""
CHUNK_ROWS = 50_000


def all_tables(story: Story, workers: int) -> Iterator[Chunk]:
    """All rows of all tables, in an order in which they can be written."""
    where = places_of(story)
    yield from _world(story)
    first_payment = yield from _orders(story, where)
    yield from _stock(story)
    yield from clickstream(story, where, workers)
    attack = _attack_of_order(story)
    yield "labels.attacks", fraud.attacks_table(story.attacks, story.orders.moment, attack, story.plan)
    yield (
        "labels.fraud_labels",
        fraud.labels_table(story.plan, attack, story.orders.user, where.order_session, first_payment),
    )


def _world(story: Story) -> Iterator[Chunk]:
    plan, world, made = story.plan, story.world, story.reviews
    product_ratings = made.sums(made.product, len(world.goods.product_listed))
    seller_stars, seller_reviews, _ = made.sums(world.goods.product_seller[made.product], plan.size.sellers)
    stock = ledger.add_up(story.stocked.ledger, world.goods)
    yield "fx_rates", rates.fx_rates(world.rates)
    yield "geolocations", places.geolocations(plan)
    yield from _pieces("users", people.users(plan, world.people, _last_seen(story)))
    yield from _pieces("customers", people.customers(plan, world.people, *_spend(story)))
    yield "suppliers", partners.suppliers(plan, world.suppliers)
    yield "sellers", partners.sellers(plan, world.people, seller_stars, seller_reviews)
    yield "warehouses", partners.warehouses(plan)
    yield "categories", goods.categories(plan)
    yield "products", goods.products(plan, world.goods, *product_ratings)
    yield "product_skus", goods.product_skus(plan, world.goods, stock.sku_quantity, stock.sku_moved)
    yield "campaigns", campaigns.campaigns_table(plan, world.campaigns)
    yield "campaign_spend", campaigns.campaign_spend(plan, world.campaigns)
    yield "vouchers", promotions.vouchers_table(plan, world.vouchers, *_voucher_uses(story))
    yield "flash_sales", promotions.flash_sales_table(world.sales, *_flash_sales(story))


def _orders(story: Story, where: Places) -> Generator[Chunk, None, Ints]:
    plan, orders, baskets, bills = story.plan, story.orders, story.baskets, story.bills
    reported = life.reported(plan, story.course)
    written = life.report_times(plan, reported)
    nearest = np.array([of[0] for of in partners.warehouses_by_nearness()])[story.delivery.zone]
    warehouse = np.where(story.stocked.warehouse >= 0, story.stocked.warehouse, nearest)
    promised = story.delivery.promised[np.arange(orders.count), warehouse]
    origin = order_tables.Origin(where.order_session, where.order_device, where.order_address)
    for rows in _slices(orders.count):
        yield "orders", order_tables.orders_table(orders, bills, reported, written, promised, origin, rows)
    for rows in _slices(len(baskets.order)):
        yield "order_items", order_tables.order_items(orders, baskets, bills, story.world.goods, rows)
    yield from _pieces("order_status_history", life.order_status_history(reported, written))
    called_back = np.where(
        (story.course.reason == life.OUT_OF_STOCK) | (story.course.reason == life.CHANGED_MIND),
        story.course.at(CANCELLED),
        columns.NOTHING,
    )
    table, first_payment = payments.payments(plan, orders, bills, story.paying, called_back, story.attacks)
    yield from _pieces("payments", table)
    yield from _pieces(
        "shipments",
        life.shipments(plan, orders, story.course, story.delivery, story.stocked.warehouse),
    )
    lost = np.flatnonzero((story.course.reason == life.LOST) & ~orders.is_settled_elsewhere)
    yield (
        "order_returns",
        returns.order_returns(
            plan,
            orders,
            baskets,
            bills,
            story.returns,
            story.returned,
            story.course.at(DELIVERED),
            lost,
            story.course.at(CANCELLED)[lost],
        ),
    )
    yield from _pieces("reviews", reviews.reviews_table(plan, orders, story.reviews))
    yield from _pieces("voucher_redemptions", order_tables.voucher_redemptions(orders, bills, story.course))
    return first_payment


def _stock(story: Story) -> Iterator[Chunk]:
    goods_, stocked = story.world.goods, story.stocked
    stock = ledger.add_up(stocked.ledger, goods_)
    yield from _pieces("inventory", ledger.inventory(story.plan, stock, stocked.levels))
    yield from _pieces("inventory_log", ledger.inventory_log(stocked.ledger, goods_))


def _attack_of_order(story: Story) -> Ints:
    places_ = story.orders.attack_order
    attack = np.array(story.attacks.order_attack, dtype=np.int64)
    return np.where(places_ >= 0, attack[places_], columns.NOTHING)


def _last_seen(story: Story) -> Ints:
    """Of each account its last order or visit, -1 if none."""
    seen = np.full(len(story.world.people.kind), columns.NOTHING)
    np.maximum.at(seen, story.orders.user, story.orders.moment)
    signed_in = story.visits.user >= 0
    np.maximum.at(seen, story.visits.user[signed_in], story.visits.moment[signed_in])
    return np.where(story.world.people.kind == GUEST, columns.NOTHING, seen)


def _spend(story: Story) -> tuple[Ints, Ints]:
    """Of each account: US cents over its delivered orders (tests apart), and when it last grew."""
    orders = story.orders
    counts = (story.course.status == DELIVERED) & ~orders.is_test
    spent = story.world.rates.reported(story.bills.total, orders.country, orders.moment)
    total, last = (np.zeros(len(story.world.people.kind), dtype=np.int64) for _ in range(2))
    np.add.at(total, orders.user[counts], spent[counts])
    np.maximum.at(last, orders.user[counts], story.course.at(DELIVERED)[counts])
    return total, last


def _voucher_uses(story: Story) -> tuple[Ints, Ints]:
    count = len(story.world.vouchers.kind)
    used, last = (np.zeros(count, dtype=np.int64) for _ in range(2))
    redeemed = story.bills.voucher >= 0
    stands = redeemed & (story.course.at(CANCELLED) < 0)
    np.add.at(used, story.bills.voucher[stands], 1)
    np.maximum.at(last, story.bills.voucher[redeemed], story.orders.moment[redeemed])
    return used, last


def _flash_sales(story: Story) -> tuple[Ints, Ints]:
    sold, last = (np.zeros(len(story.world.sales.sku), dtype=np.int64) for _ in range(2))
    sale, order = story.baskets.flash_sale, story.baskets.order
    stands = (sale >= 0) & (story.course.at(CANCELLED)[order] < 0)
    np.add.at(sold, sale[stands], story.baskets.quantity[stands])
    np.maximum.at(last, sale[sale >= 0], story.orders.moment[order[sale >= 0]])
    return sold, last


def _slices(count: int) -> list[slice]:
    return [slice(first, min(first + CHUNK_ROWS, count)) for first in range(0, count, CHUNK_ROWS)]


def _pieces(name: str, table: pa.Table) -> Iterator[Chunk]:
    for rows in _slices(table.num_rows):
        yield name, table.slice(rows.start, rows.stop - rows.start)
