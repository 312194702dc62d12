"""Generate the whole history of a plan, step by step; each step uses the results of those before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.history.amounts import OrderAmounts, compute_amounts
from simulator.history.attacks import Attacks, plan_attacks
from simulator.history.delivery import Delivery, plan_delivery
from simulator.history.order_lines import OrderLines, draw_order_lines
from simulator.history.order_steps import DELIVERED, OrderSteps, buyer_cancellations, take_steps, with_returns
from simulator.history.orders import Orders, place_orders
from simulator.history.payments import Payments, simulate_payments
from simulator.history.returns import Returns, plan_returns, returned_lines, whole_order_returned
from simulator.history.reviews import Reviews, write_reviews
from simulator.history.stock import StockAllocation, allocate_stock
from simulator.history.visits import Visits, make_visits
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.traffic import Traffic
from simulator.world.campaigns import Campaigns, make_campaigns
from simulator.world.catalogue import Catalogue, make_catalogue
from simulator.world.partners import Suppliers, make_suppliers
from simulator.world.people import People, make_people
from simulator.world.promotions import FlashSales, Vouchers, make_flash_sales, make_vouchers, voucher_uplift
from simulator.world.rates import Rates, make_rates


@dataclass(frozen=True)
class World:
    """What exists before anybody orders: people, goods, promotions, exchange rates and traffic."""

    people: People
    suppliers: Suppliers
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
    returned: Ints
    """Positions of returned order lines."""
    reviews: Reviews
    visits: Visits


def make_world(plan: Plan) -> World:
    """Generate the world of a plan."""
    vouchers, catalogue = make_vouchers(plan), make_catalogue(plan)
    base_traffic = Traffic(plan)
    return World(
        people=make_people(plan, base_traffic),
        suppliers=make_suppliers(plan),
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
        returned=returned,
        reviews=write_reviews(plan, orders, order_lines, steps, delivery, allocation.warehouse, products),
        visits=make_visits(
            plan, people, world.campaigns, world.traffic_with_vouchers, orders, line_counts, attacks
        ),
    )
