"""The tables `orders`, `order_items` and `voucher_redemptions`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history.amounts import OrderAmounts
from simulator.history.order_lines import OrderLines
from simulator.history.order_steps import (
    CANCELLED,
    DELIVERED,
    PAID,
    REASONS,
    RETURNED,
    SHIPPED,
    STEPS,
    OrderSteps,
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
    """Session, device and IP address of own orders; null for marketplace orders."""

    session: pa.Array
    device: pa.Array
    address: pa.Array


def orders_table(
    orders: Orders,
    amounts: OrderAmounts,
    order_steps: OrderSteps,
    written: Ints,
    promised: Ints,
    origin: Origin,
    rows: slice,
) -> pa.Table:
    """Some rows of `orders`; `order_steps` are the reported ones, `written` is when each was reported."""
    status = order_steps.status[rows]
    steps = order_steps.times[rows]
    place = orders.city[rows]
    changed = steps[np.arange(len(status)), status]
    campaign = orders.campaign[rows]
    first = rows.start
    return pa.table(
        {
            "order_id": columns.integers(np.arange(first, first + len(status)) + 1),
            "customer_id": columns.integers(orders.user[rows] + 1),
            "user_id": columns.integers(orders.user[rows] + 1),
            "campaign_id": columns.integers(np.where(campaign >= 0, campaign + 1, -1)),
            "channel": columns.texts(orders.channel[rows], CHANNELS),
            "status": columns.texts(status, STEPS),
            "currency": columns.texts(orders.country[rows], CURRENCIES),
            "subtotal_amount": columns.amounts(amounts.subtotal[rows]),
            "discount_amount": columns.amounts(amounts.discount[rows]),
            "shipping_amount": columns.amounts(amounts.shipping[rows]),
            "tax_amount": columns.amounts(amounts.tax[rows]),
            "total_amount": columns.amounts(amounts.total[rows]),
            "ship_to_city": columns.texts(place, [city.name for city in CITIES]),
            "ship_to_state": columns.texts(place, [city.state for city in CITIES]),
            "ship_to_postal_code": columns.texts(place, [city.postal_code for city in CITIES]),
            "ship_to_country": columns.texts(place, [city.country for city in CITIES]),
            "session_id": origin.session[rows],
            "device_fingerprint": origin.device[rows],
            "ip_address": origin.address[rows],
            "cancel_reason": columns.texts(order_steps.reason[rows], REASONS),
            "is_test": columns.booleans(orders.is_test[rows]),
            "ordered_at": columns.timestamps(orders.moment[rows]),
            "status_changed_at": columns.timestamps(changed),
            "paid_at": columns.timestamps(steps[:, PAID]),
            "shipped_at": columns.timestamps(steps[:, SHIPPED]),
            "delivered_at": columns.timestamps(steps[:, DELIVERED]),
            "cancelled_at": columns.timestamps(steps[:, CANCELLED]),
            "returned_at": columns.timestamps(steps[:, RETURNED]),
            "estimated_delivery_at": columns.timestamps(promised[rows]),
            "created_at": columns.timestamps(orders.moment[rows]),
            "updated_at": columns.timestamps(written[rows].max(axis=1)),
        }
    )


def order_items(
    orders: Orders, order_lines: OrderLines, amounts: OrderAmounts, catalogue: Catalogue, rows: slice
) -> pa.Table:
    """Some rows of `order_items`."""
    order, sku, sale = order_lines.order[rows], order_lines.sku[rows], order_lines.flash_sale[rows]
    product = catalogue.product[sku]
    moment = orders.moment[order]
    placed = columns.timestamps(moment)
    return pa.table(
        {
            "order_item_id": columns.integers(np.arange(rows.start, rows.start + len(order)) + 1),
            "order_id": columns.integers(order + 1),
            "line_number": columns.integers(order_lines.number[rows]),
            "sku_id": columns.integers(sku + 1),
            "product_id": columns.integers(product + 1),
            "seller_id": columns.integers(catalogue.product_seller[product] + 1),
            "flash_sale_id": columns.integers(np.where(sale >= 0, sale + 1, -1)),
            "quantity": columns.integers(order_lines.quantity[rows]),
            "unit_price": columns.amounts(order_lines.unit_price[rows]),
            "unit_cost": columns.amounts(order_lines.unit_cost[rows]),
            "discount_amount": columns.amounts(amounts.line_discount[rows]),
            "shipping_amount": columns.amounts(amounts.line_shipping[rows]),
            "tax_amount": columns.amounts(amounts.line_tax[rows]),
            "ship_by_at": columns.timestamps(moment + _SHIP_WITHIN),
            "created_at": placed,
            "updated_at": placed,
        }
    )


def voucher_redemptions(orders: Orders, amounts: OrderAmounts, order_steps: OrderSteps) -> pa.Table:
    """The table `voucher_redemptions`; a cancelled order's redemption is released."""
    order = np.flatnonzero(amounts.voucher >= 0)
    moment, released = orders.moment[order], order_steps.at(CANCELLED)[order]
    return pa.table(
        {
            "redemption_id": columns.integers(np.arange(len(order)) + 1),
            "voucher_id": columns.integers(amounts.voucher[order] + 1),
            "order_id": columns.integers(order + 1),
            "user_id": columns.integers(orders.user[order] + 1),
            "currency": columns.texts(orders.country[order], CURRENCIES),
            "discount_amount": columns.amounts(amounts.discount[order]),
            "redeemed_at": columns.timestamps(moment),
            "released_at": columns.timestamps(released),
            "created_at": columns.timestamps(moment),
            "updated_at": columns.timestamps(np.maximum(moment, released)),
        }
    )
