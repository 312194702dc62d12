"""Generate the whole history of a plan, step by step; each step uses the results of those before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import columns
from simulator.history.amounts import OrderAmounts, compute_amounts
from simulator.history.attacks import Attacks, plan_attacks
from simulator.history.delivery import Delivery, plan_delivery
from simulator.history.order_lines import OrderLines, draw_order_lines
from simulator.history.order_steps import (
    CANCELLED,
    CHANGED_MIND,
    DELIVERED,
    LOST,
    OUT_OF_STOCK,
    OrderSteps,
    buyer_cancellations,
    take_steps,
    with_returns,
)
from simulator.history.orders import Orders, place_orders
from simulator.history.payments import PaymentRows, Payments, payment_rows, simulate_payments
from simulator.history.returns import (
    ReturnRows,
    Returns,
    plan_returns,
    return_rows,
    returned_lines,
    whole_order_returned,
)
from simulator.history.reviews import Reviews, write_reviews
from simulator.history.risk import Risk, assess_risk
from simulator.history.stock import StockAllocation, allocate_stock
from simulator.history.visits import Visits, make_visits
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.traffic import Traffic
from simulator.world.campaigns import Campaigns, make_campaigns
from simulator.world.catalogue import Catalogue, make_catalogue
from simulator.world.partners import Sellers, Suppliers, make_sellers, make_suppliers
from simulator.world.people import People, make_people
from simulator.world.promotions import FlashSales, Vouchers, make_flash_sales, make_vouchers, voucher_uplift
from simulator.world.rates import Rates, make_rates


@dataclass(frozen=True)
class World:
    """What exists before anybody orders: people, goods, promotions, exchange rates and traffic."""

    people: People
    suppliers: Suppliers
    sellers: Sellers
    catalogue: Catalogue
    vouchers: Vouchers
    flash_sales: FlashSales
    campaigns: Campaigns
    rates: Rates
    traffic_with_vouchers: Traffic
    """On channels that accept vouchers; higher on days with a running voucher."""
    base_traffic: Traffic


@dataclass(frozen=True)
class History:
    """Everything that happened within the plan's days, except the single events of visits."""

    plan: Plan
    world: World
    attacks: Attacks
    orders: Orders
    order_lines: OrderLines
    amounts: OrderAmounts
    payments: Payments
    delivery: Delivery
    buyer_cancelled_at: Ints
    """When the buyer cancels a paid order, -1 for nearly all."""
    returns: Returns
    allocation: StockAllocation
    order_steps: OrderSteps
    """The steps as they happened; carriers may report them late or in another order."""
    return_rows: ReturnRows
    risk: Risk
    payment_rows: PaymentRows
    reviews: Reviews
    visits: Visits


def make_world(plan: Plan) -> World:
    """Generate the world of a plan."""
    vouchers, catalogue = make_vouchers(plan), make_catalogue(plan)
    base_traffic = Traffic(plan)
    return World(
        people=make_people(plan, base_traffic),
        suppliers=make_suppliers(plan),
        sellers=make_sellers(plan),
        catalogue=catalogue,
        vouchers=vouchers,
        flash_sales=make_flash_sales(plan, catalogue),
        campaigns=make_campaigns(plan),
        rates=make_rates(plan),
        traffic_with_vouchers=Traffic(plan, voucher_uplift(plan, vouchers)),
        base_traffic=base_traffic,
    )


def generate_history(plan: Plan) -> History:
    """Generate everything but the events of visits, which `clickstream` makes day by day."""
    world = make_world(plan)
    people, catalogue = world.people, world.catalogue
    attacks = plan_attacks(plan, people, world.vouchers)
    orders = place_orders(
        plan, people, world.campaigns, attacks, world.traffic_with_vouchers, world.base_traffic
    )
    order_lines = draw_order_lines(plan, orders, catalogue, world.flash_sales, world.rates, attacks)
    amounts = compute_amounts(plan, orders, order_lines, world.vouchers, attacks)
    payments = simulate_payments(plan, orders, attacks)
    delivery = plan_delivery(plan, orders, payments)
    buyer_cancelled_at = buyer_cancellations(plan, orders, payments, delivery)
    returns = plan_returns(plan, orders, order_lines, catalogue, attacks)
    allocation = allocate_stock(
        plan,
        orders,
        order_lines,
        catalogue,
        world.suppliers,
        payments,
        delivery,
        returns,
        buyer_cancelled_at,
    )
    steps = take_steps(plan, orders, payments, delivery, allocation.warehouse, buyer_cancelled_at)
    delivered = steps.at(DELIVERED)
    returned = returned_lines(plan, order_lines, delivery, returns, delivered, allocation.warehouse)
    steps = with_returns(steps, whole_order_returned(plan, order_lines, returns, returned, delivered))
    rows = _return_rows(plan, orders, order_lines, amounts, returns, returned, steps)
    risk, attempts = _payment_outcomes(plan, orders, amounts, payments, attacks, steps, rows)
    products = catalogue.product[order_lines.sku]
    line_counts = np.diff(np.append(order_lines.first, len(order_lines.order)))
    return History(
        plan=plan,
        world=world,
        attacks=attacks,
        orders=orders,
        order_lines=order_lines,
        amounts=amounts,
        payments=payments,
        delivery=delivery,
        buyer_cancelled_at=buyer_cancelled_at,
        returns=returns,
        allocation=allocation,
        order_steps=steps,
        return_rows=rows,
        risk=risk,
        payment_rows=attempts,
        reviews=write_reviews(plan, orders, order_lines, steps, delivery, allocation.warehouse, products),
        visits=make_visits(
            plan, people, world.campaigns, world.traffic_with_vouchers, orders, line_counts, attacks
        ),
    )


def _return_rows(
    plan: Plan,
    orders: Orders,
    order_lines: OrderLines,
    amounts: OrderAmounts,
    returns: Returns,
    returned: Ints,
    steps: OrderSteps,
) -> ReturnRows:
    lost = np.flatnonzero((steps.reason == LOST) & ~orders.is_settled_elsewhere)
    delivered, lost_at = steps.at(DELIVERED), steps.at(CANCELLED)[lost]
    return return_rows(plan, order_lines, amounts, returns, returned, delivered, lost, lost_at)


def _payment_outcomes(
    plan: Plan,
    orders: Orders,
    amounts: OrderAmounts,
    payments: Payments,
    attacks: Attacks,
    steps: OrderSteps,
    rows: ReturnRows,
) -> tuple[Risk, PaymentRows]:
    """Chargebacks and cases, and all payment attempts with what became of them."""
    is_voided = np.isin(steps.reason, (OUT_OF_STOCK, CHANGED_MIND))
    is_paid = (payments.paid >= 0) & (payments.paid < plan.end) & ~orders.is_settled_elsewhere
    has_returns = np.isin(np.arange(orders.count), rows.order)
    risk = assess_risk(plan, orders, payments, attacks, is_paid & ~is_voided, has_returns)
    voided = np.where(is_voided, steps.at(CANCELLED), columns.NULL)
    return risk, payment_rows(plan, orders, amounts, payments, voided, risk.charged_back)
