"""Order lines: SKUs by season and popularity, flash-sale SKUs by their price, and quantities.

Lines are sorted by order; a line's position plus one is its `order_item_id`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.attacks import Attacks
from simulator.history.orders import Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Stream
from simulator.rules.attacks import RULES, expensive_skus
from simulator.traffic import apportion
from simulator.world.catalogue import Catalogue
from simulator.world.promotions import FlashSales, demand_per_mille
from simulator.world.rates import Rates

_MILLION = 1_000_000
_MAX_LINES = np.array([rule.max_lines for rule in RULES])
_BUYS_EXPENSIVE = np.array([rule.buys_expensive for rule in RULES])


@dataclass(frozen=True)
class OrderLines:
    """Columns of lines; money in hundredths of the order's currency."""

    order: Ints
    number: Ints
    sku: Ints
    quantity: Ints
    unit_price: Ints
    unit_cost: Ints
    flash_sale: Ints
    first: Ints
    """Per order, the position of its first line."""

    @property
    def amount(self) -> Ints:
        """Per line, quantity times price, before discounts."""
        return self.quantity * self.unit_price

    def per_order(self, of_lines: Ints) -> Ints:
        """Sums over each order's lines."""
        sums: Ints = np.add.reduceat(of_lines, self.first)
        return sums


def draw_order_lines(
    plan: Plan, orders: Orders, catalogue: Catalogue, flash_sales: FlashSales, rates: Rates, attacks: Attacks
) -> OrderLines:
    """All lines of all orders."""
    stream = Stream(plan.seed, "baskets")
    kinds = _attack_kinds(orders, attacks)
    lines = _line_counts(stream.split("lines"), orders.count)
    lines = np.where(kinds >= 0, np.minimum(lines, _MAX_LINES[kinds]), lines)
    order = np.repeat(np.arange(orders.count), lines)
    moment = orders.moment[order]
    sku = catalogue.draw(stream.split("sku"), _months(plan)[(moment - plan.start) // DAY], moment)
    is_expensive = ((kinds >= 0) & _BUYS_EXPENSIVE[kinds])[order]
    sku[is_expensive] = _expensive(stream.split("dear"), catalogue, sku, int(is_expensive.sum()))
    sale = _flash_sales(stream.split("flash"), plan, catalogue, flash_sales, moment)
    sale[kinds[order] >= 0] = columns.NULL
    sku = np.where(sale >= 0, flash_sales.sku[sale], sku) if len(flash_sales.sku) else sku
    once = _first_per_sku(order, sku, catalogue.count)
    order, sku, sale = order[once], sku[once], sale[once]
    quantity = stream.split("quantity").choose(Choice(parameters.QUANTITY_WEIGHTS), len(order)) + 1
    sale = _limit_to_quota(flash_sales, sale, quantity)
    moment, currency = orders.moment[order], orders.country[order]
    price = catalogue.price_at(sku, moment)
    price = np.where(sale >= 0, flash_sales.price[sale], price) if len(flash_sales.sku) else price
    first = np.searchsorted(order, np.arange(orders.count), side="left")
    return OrderLines(
        order=order,
        number=np.arange(len(order)) - first[order] + 1,
        sku=sku,
        quantity=quantity,
        unit_price=rates.from_catalogue(price, currency, moment),
        unit_cost=rates.from_catalogue(catalogue.cost[sku], currency, moment),
        flash_sale=sale,
        first=first,
    )


def _line_counts(stream: Stream, count: int) -> Ints:
    """Number of lines of each order, in the exact proportion of the weights, in random order."""
    parts = apportion(count, np.array(parameters.LINES_PER_ORDER_WEIGHTS, dtype=np.int64))
    return np.repeat(np.arange(len(parts)) + 1, parts)[np.argsort(stream.bits(count), kind="stable")]


def _attack_kinds(orders: Orders, attacks: Attacks) -> Ints:
    """Per order the kind of its attack, -1 for none."""
    return np.where(orders.attack_order >= 0, attacks.kind_of_order[orders.attack_order], columns.NULL)


def _months(plan: Plan) -> Ints:
    days = (plan.first_day + dt.timedelta(days=number) for number in range(plan.days))
    return np.array([day.month for day in days], dtype=np.int64)


def _expensive(stream: Stream, catalogue: Catalogue, usual: Ints, count: int) -> Ints:
    """SKUs at many times the price of an ordinary line, or the most expensive ones."""
    ordinary = int(catalogue.prices[usual, 0].mean()) if len(usual) else 0
    expensive = expensive_skus(catalogue.prices[:, 0], ordinary)
    return expensive[stream.below(len(expensive), count)]


def _flash_sales(
    stream: Stream, plan: Plan, catalogue: Catalogue, flash_sales: FlashSales, moment: Ints
) -> Ints:
    """Per line the flash sale it is bought in, -1 for none.

    During a sale its SKUs are seen more often (FLASH_VISIBILITY) and demanded more (PRICE_ELASTICITY); all
    others keep their weight.
    """
    found = np.full(len(moment), columns.NULL)
    chance, which = (
        stream.split("chance").below(_MILLION, len(moment)),
        stream.split("which").bits(len(moment)),
    )
    month_of_day = _months(plan)
    for starts in np.unique(flash_sales.starts).tolist():
        on = np.flatnonzero(flash_sales.starts == starts)
        ends = int(flash_sales.ends[on[0]])
        low, high = np.searchsorted(moment, (starts, ends))
        if low == high:
            continue
        weights = catalogue.seasonal_weights(int(month_of_day[(starts - plan.start) // DAY]))
        demand = np.array([demand_per_mille(percent) for percent in flash_sales.percent[on].tolist()])
        boosted = weights[flash_sales.sku[on]] * parameters.FLASH_VISIBILITY * demand // 1_000
        others = int(weights.sum()) - int(weights[flash_sales.sku[on]].sum())
        part = int(boosted.sum()) * _MILLION // (int(boosted.sum()) + others)
        bought = np.flatnonzero(chance[low:high] < part) + low
        found[bought] = on[Choice(boosted).from_bits(which[bought])]
    return found


def _first_per_sku(order: Ints, sku: Ints, sku_count: int) -> Bools:
    """True for the first line of each SKU within an order."""
    keep = np.zeros(len(order), dtype=np.bool_)
    keep[np.unique(order * sku_count + sku, return_index=True)[1]] = True
    return keep


def _limit_to_quota(flash_sales: FlashSales, sale: Ints, quantity: Ints) -> Ints:
    """The sales without the lines that exceed a sale's quota; those pay the ordinary price."""
    lines = np.flatnonzero(sale >= 0)
    by_sale = lines[np.argsort(sale[lines], kind="stable")]
    running = np.cumsum(quantity[by_sale])
    first = np.searchsorted(sale[by_sale], sale[by_sale], side="left")
    sold_before = running - quantity[by_sale] - (running - quantity[by_sale])[first]
    over_quota = by_sale[sold_before + quantity[by_sale] > flash_sales.quota[sale[by_sale]]]
    kept = sale.copy()
    kept[over_quota] = columns.NULL
    return kept
