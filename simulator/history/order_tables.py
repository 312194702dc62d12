"""The tables of orders: orders, their lines, and voucher uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history.baskets import Baskets
from simulator.history.bills import Bills
from simulator.history.course import (
    CANCELLED,
    DELIVERED,
    PAID,
    REASONS,
    RETURNED,
    SHIPPED,
    STEPS,
    Course,
)
from simulator.history.orders import CHANNELS, Orders
from simulator.plan import DAY
from simulator.randomness import Ints
from simulator.world.catalogue import Catalogue
from simulator.world.places import CITIES
from simulator.world.rates import CURRENCIES

_SHIP_WITHIN = 3 * DAY


@dataclass(frozen=True)
class Origin:
    """Where own orders came from: a session, a device, an address; null for marketplaces."""

    session: pa.Array
    device: pa.Array
    address: pa.Array


def orders_table(
    orders: Orders, bills: Bills, course: Course, written: Ints, promised: Ints, origin: Origin, rows: slice
) -> pa.Table:
    """Some rows of the table of orders; `course` as reported, `written` when."""
    status = course.status[rows]
    steps = course.steps[rows]
    place = orders.city[rows]
    changed = steps[np.arange(len(status)), status]
    campaign = orders.campaign[rows]
    first = rows.start
    return pa.table(
        {
            "order_id": columns.numbers(np.arange(first, first + len(status)) + 1),
            "customer_id": columns.numbers(orders.user[rows] + 1),
            "user_id": columns.numbers(orders.user[rows] + 1),
            "campaign_id": columns.numbers(np.where(campaign >= 0, campaign + 1, -1)),
            "channel": columns.words(orders.channel[rows], CHANNELS),
            "status": columns.words(status, STEPS),
            "currency": columns.words(orders.country[rows], CURRENCIES),
            "subtotal_amount": columns.amounts(bills.subtotal[rows]),
            "discount_amount": columns.amounts(bills.discount[rows]),
            "shipping_amount": columns.amounts(bills.shipping[rows]),
            "tax_amount": columns.amounts(bills.tax[rows]),
            "total_amount": columns.amounts(bills.total[rows]),
            "ship_to_city": columns.words(place, [city.name for city in CITIES]),
            "ship_to_state": columns.words(place, [city.state for city in CITIES]),
            "ship_to_postal_code": columns.words(place, [city.postal_code for city in CITIES]),
            "ship_to_country": columns.words(place, [city.country for city in CITIES]),
            "session_id": origin.session[rows],
            "device_fingerprint": origin.device[rows],
            "ip_address": origin.address[rows],
            "cancel_reason": columns.words(course.reason[rows], REASONS),
            "is_test": columns.flags(orders.is_test[rows]),
            "ordered_at": columns.instants(orders.moment[rows]),
            "status_changed_at": columns.instants(changed),
            "paid_at": columns.instants(steps[:, PAID]),
            "shipped_at": columns.instants(steps[:, SHIPPED]),
            "delivered_at": columns.instants(steps[:, DELIVERED]),
            "cancelled_at": columns.instants(steps[:, CANCELLED]),
            "returned_at": columns.instants(steps[:, RETURNED]),
            "estimated_delivery_at": columns.instants(promised[rows]),
            "created_at": columns.instants(orders.moment[rows]),
            "updated_at": columns.instants(written[rows].max(axis=1)),
        }
    )


def order_items(orders: Orders, baskets: Baskets, bills: Bills, goods: Catalogue, rows: slice) -> pa.Table:
    """Some rows of the table of lines."""
    order, sku, sale = baskets.order[rows], baskets.sku[rows], baskets.flash_sale[rows]
    product = goods.product[sku]
    moment = orders.moment[order]
    placed = columns.instants(moment)
    return pa.table(
        {
            "order_item_id": columns.numbers(np.arange(rows.start, rows.start + len(order)) + 1),
            "order_id": columns.numbers(order + 1),
            "line_number": columns.numbers(baskets.number[rows]),
            "sku_id": columns.numbers(sku + 1),
            "product_id": columns.numbers(product + 1),
            "seller_id": columns.numbers(goods.product_seller[product] + 1),
            "flash_sale_id": columns.numbers(np.where(sale >= 0, sale + 1, -1)),
            "quantity": columns.numbers(baskets.quantity[rows]),
            "unit_price": columns.amounts(baskets.unit_price[rows]),
            "unit_cost": columns.amounts(baskets.unit_cost[rows]),
            "discount_amount": columns.amounts(bills.line_discount[rows]),
            "shipping_amount": columns.amounts(bills.line_shipping[rows]),
            "tax_amount": columns.amounts(bills.line_tax[rows]),
            "ship_by_at": columns.instants(moment + _SHIP_WITHIN),
            "created_at": placed,
            "updated_at": placed,
        }
    )


def voucher_redemptions(orders: Orders, bills: Bills, course: Course) -> pa.Table:
    """The table of voucher uses; a cancelled order's use is given back."""
    order = np.flatnonzero(bills.voucher >= 0)
    moment, released = orders.moment[order], course.at(CANCELLED)[order]
    return pa.table(
        {
            "redemption_id": columns.numbers(np.arange(len(order)) + 1),
            "voucher_id": columns.numbers(bills.voucher[order] + 1),
            "order_id": columns.numbers(order + 1),
            "user_id": columns.numbers(orders.user[order] + 1),
            "currency": columns.words(orders.country[order], CURRENCIES),
            "discount_amount": columns.amounts(bills.discount[order]),
            "redeemed_at": columns.instants(moment),
            "released_at": columns.instants(released),
            "created_at": columns.instants(moment),
            "updated_at": columns.instants(np.maximum(moment, released)),
        }
    )
