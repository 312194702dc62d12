"""What is in an order: goods by season and popularity, flash-sale goods by their price, how many of each.

Lines are ordered by order; a line's position plus one is its `order_item_id`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.fraud import (
    RETURN_ABUSE,
    STOLEN_CARD,
    TAKEOVER,
    VELOCITY,
    Attacks,
)
from simulator.history.orders import Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Stream
from simulator.traffic import shared_out
from simulator.world.catalogue import Catalogue
from simulator.world.promotions import FlashSales, demand_per_mille
from simulator.world.rates import Rates

_MILLION = 1_000_000


@dataclass(frozen=True)
class Baskets:
    """Columns of lines; money in hundredths of the order's currency."""

    order: Ints
    number: Ints
    sku: Ints
    quantity: Ints
    unit_price: Ints
    unit_cost: Ints
    flash_sale: Ints
    first: Ints
    """Of each order, the position of its first line."""

    @property
    def amount(self) -> Ints:
        """Of each line, before discounts."""
        return self.quantity * self.unit_price

    def per_order(self, of_lines: Ints) -> Ints:
        """Exact sums over each order's lines."""
        sums: Ints = np.add.reduceat(of_lines, self.first)
        return sums


def fill_baskets(
    plan: Plan, orders: Orders, goods: Catalogue, sales: FlashSales, rates: Rates, attacks: Attacks
) -> Baskets:
    """All lines of all orders."""
    stream = Stream(plan.seed, "baskets")
    kinds = _attack_kinds(orders, attacks)
    lines = _line_counts(stream.split("lines"), orders.count)
    lines = np.where(kinds >= 0, np.minimum(lines, 1 + (kinds != VELOCITY)), lines)
    order = np.repeat(np.arange(orders.count), lines)
    moment = orders.moment[order]
    sku = goods.draw(stream.split("sku"), _months(plan)[(moment - plan.start) // DAY], moment)
    is_dear = np.isin(kinds, (STOLEN_CARD, TAKEOVER, RETURN_ABUSE))[order]
    sku[is_dear] = _dear(stream.split("dear"), goods, sku, int(is_dear.sum()))
    sale = _flash_sales(stream.split("flash"), plan, goods, sales, moment)
    sale[kinds[order] >= 0] = columns.NOTHING
    sku = np.where(sale >= 0, sales.sku[sale], sku) if len(sales.sku) else sku
    once = _first_of_its_kind(order, sku, goods.count)
    order, sku, sale = order[once], sku[once], sale[once]
    quantity = stream.split("quantity").choose(Choice(parameters.QUANTITY_WEIGHTS), len(order)) + 1
    sale = _within_quota(sales, sale, quantity)
    moment, currency = orders.moment[order], orders.country[order]
    price = goods.price_at(sku, moment)
    price = np.where(sale >= 0, sales.price[sale], price) if len(sales.sku) else price
    first = np.searchsorted(order, np.arange(orders.count), side="left")
    return Baskets(
        order=order,
        number=np.arange(len(order)) - first[order] + 1,
        sku=sku,
        quantity=quantity,
        unit_price=rates.from_catalogue(price, currency, moment),
        unit_cost=rates.from_catalogue(goods.cost[sku], currency, moment),
        flash_sale=sale,
        first=first,
    )


def _line_counts(stream: Stream, count: int) -> Ints:
    """Lines of each order: the exact proportion of the weights, in random order."""
    parts = shared_out(count, np.array(parameters.LINES_PER_ORDER_WEIGHTS, dtype=np.int64))
    return np.repeat(np.arange(len(parts)) + 1, parts)[np.argsort(stream.bits(count), kind="stable")]


def _attack_kinds(orders: Orders, attacks: Attacks) -> Ints:
    """Of each order the kind of its attack, -1 for none."""
    return np.where(orders.attack_order >= 0, attacks.kind_of_order[orders.attack_order], columns.NOTHING)


def _months(plan: Plan) -> Ints:
    days = (plan.first_day + dt.timedelta(days=number) for number in range(plan.days))
    return np.array([day.month for day in days], dtype=np.int64)


def _dear(stream: Stream, goods: Catalogue, usual: Ints, count: int) -> Ints:
    """Goods that cost many times an ordinary line, or the dearest there are."""
    ordinary = int(goods.prices[usual, 0].mean()) if len(usual) else 0
    price = goods.prices[:, 0]
    limit = min(
        ordinary * parameters.UNUSUAL_PURCHASE_FACTOR, int(np.sort(price)[-max(3, len(price) // 100)])
    )
    dear = np.flatnonzero(price >= limit)
    return dear[stream.below(len(dear), count)]


def _flash_sales(stream: Stream, plan: Plan, goods: Catalogue, sales: FlashSales, moment: Ints) -> Ints:
    """Of each line the flash sale it is bought in, -1 for none.

    While a sale is on, its SKUs are looked at more (FLASH_VISIBILITY) and wanted more (the elasticity); all
    other goods keep their weight.
    """
    found = np.full(len(moment), columns.NOTHING)
    chance, which = (
        stream.split("chance").below(_MILLION, len(moment)),
        stream.split("which").bits(len(moment)),
    )
    month_of_day = _months(plan)
    for starts in np.unique(sales.starts).tolist():
        on = np.flatnonzero(sales.starts == starts)
        ends = int(sales.ends[on[0]])
        low, high = np.searchsorted(moment, (starts, ends))
        if low == high:
            continue
        weights = goods.seasonal_weights(int(month_of_day[(starts - plan.start) // DAY]))
        demand = np.array([demand_per_mille(percent) for percent in sales.percent[on].tolist()])
        boosted = weights[sales.sku[on]] * parameters.FLASH_VISIBILITY * demand // 1_000
        others = int(weights.sum()) - int(weights[sales.sku[on]].sum())
        part = int(boosted.sum()) * _MILLION // (int(boosted.sum()) + others)
        bought = np.flatnonzero(chance[low:high] < part) + low
        found[bought] = on[Choice(boosted).of(which[bought])]
    return found


def _first_of_its_kind(order: Ints, sku: Ints, sku_count: int) -> Bools:
    """True for the first line of each SKU within an order."""
    keep = np.zeros(len(order), dtype=np.bool_)
    keep[np.unique(order * sku_count + sku, return_index=True)[1]] = True
    return keep


def _within_quota(sales: FlashSales, sale: Ints, quantity: Ints) -> Ints:
    """Who comes after a sale's quota is sold pays the ordinary price."""
    lines = np.flatnonzero(sale >= 0)
    by_sale = lines[np.argsort(sale[lines], kind="stable")]
    running = np.cumsum(quantity[by_sale])
    first = np.searchsorted(sale[by_sale], sale[by_sale], side="left")
    sold_before = running - quantity[by_sale] - (running - quantity[by_sale])[first]
    too_late = by_sale[sold_before + quantity[by_sale] > sales.quota[sale[by_sale]]]
    kept = sale.copy()
    kept[too_late] = columns.NOTHING
    return kept
