"""The whole history, decided: every step in the order in which one depends on the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.history import course as life
from simulator.history.baskets import Baskets, fill_baskets
from simulator.history.bills import Bills, make_bills
from simulator.history.course import DELIVERED, Course
from simulator.history.delivery import Delivery, plan_delivery
from simulator.history.fraud import Attacks, plan_attacks
from simulator.history.orders import Orders, place_orders
from simulator.history.payments import Paying, pay
from simulator.history.returns import (
    Returns,
    plan_returns,
    returned_lines,
    whole_order_returned,
)
from simulator.history.reviews import Reviews, write_reviews
from simulator.history.stock import Stocked, walk
from simulator.history.visits import Visits, make_visits
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.traffic import Traffic
from simulator.world.campaigns import Campaigns, make_campaigns
from simulator.world.catalogue import Catalogue, make_catalogue
from simulator.world.partners import Suppliers, make_suppliers
from simulator.world.people import People, make_people
from simulator.world.promotions import (
    FlashSales,
    Vouchers,
    make_flash_sales,
    make_vouchers,
    voucher_uplift,
)
from simulator.world.rates import Rates, make_rates


@dataclass(frozen=True)
class World:
    """What there is."""

    people: People
    suppliers: Suppliers
    goods: Catalogue
    vouchers: Vouchers
    sales: FlashSales
    campaigns: Campaigns
    rates: Rates
    ours: Traffic
    """On channels where vouchers work."""
    theirs: Traffic


@dataclass(frozen=True)
class Story:
    """What happened."""

    plan: Plan
    world: World
    attacks: Attacks
    orders: Orders
    baskets: Baskets
    bills: Bills
    paying: Paying
    delivery: Delivery
    called_off: Ints
    returns: Returns
    stocked: Stocked
    course: Course
    """What truly happened; reports may say otherwise."""
    returned: Ints
    """Positions of lines sent back."""
    reviews: Reviews
    visits: Visits


def make_world(plan: Plan) -> World:
    """Everything there is before anyone acts."""
    vouchers, goods = make_vouchers(plan), make_catalogue(plan)
    ours, theirs = Traffic(plan, voucher_uplift(plan, vouchers)), Traffic(plan)
    return World(
        people=make_people(plan, theirs),
        suppliers=make_suppliers(plan),
        goods=goods,
        vouchers=vouchers,
        sales=make_flash_sales(plan, goods),
        campaigns=make_campaigns(plan),
        rates=make_rates(plan),
        ours=ours,
        theirs=theirs,
    )


def tell(plan: Plan) -> Story:
    """Decide all of it, events within sessions apart."""
    world = make_world(plan)
    attacks = plan_attacks(plan, world.people, world.vouchers)
    orders = place_orders(plan, world.people, world.campaigns, attacks, world.ours, world.theirs)
    baskets = fill_baskets(plan, orders, world.goods, world.sales, world.rates, attacks)
    bills = make_bills(plan, orders, baskets, world.vouchers, attacks)
    paying = pay(plan, orders, attacks)
    delivery = plan_delivery(plan, orders, paying)
    called_off = life.cancellations(plan, orders, paying, delivery)
    returns = plan_returns(plan, orders, baskets, world.goods, attacks)
    stocked = walk(plan, orders, baskets, world.goods, world.suppliers, paying, delivery, returns, called_off)
    course = life.live(plan, orders, paying, delivery, stocked.warehouse, called_off)
    delivered = course.at(DELIVERED)
    returned = returned_lines(plan, baskets, delivery, returns, delivered, stocked.warehouse)
    course = life.with_returns(course, whole_order_returned(plan, baskets, returns, returned, delivered))
    products = world.goods.product[baskets.sku]
    lines = np.diff(np.append(baskets.first, len(baskets.order)))
    return Story(
        plan=plan,
        world=world,
        attacks=attacks,
        orders=orders,
        baskets=baskets,
        bills=bills,
        paying=paying,
        delivery=delivery,
        called_off=called_off,
        returns=returns,
        stocked=stocked,
        course=course,
        returned=returned,
        reviews=write_reviews(plan, orders, baskets, course, delivery, stocked.warehouse, products),
        visits=make_visits(plan, world.people, world.campaigns, world.ours, orders, lines, attacks),
    )
