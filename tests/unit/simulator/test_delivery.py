"""What follows payment: delivery by warehouse and destination, late and muddled reports, returns, reviews."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from simulator import parameters
from simulator.history import order_steps
from simulator.history.generate import History
from simulator.history.order_steps import DELIVERED, LOST, PACKED, SHIPPED
from simulator.history.shipments import shipments_table
from simulator.plan import DAY
from simulator.randomness import Quantiles
from simulator.rules.delivery import delay_class
from simulator.rules.returns import REASONS
from simulator.world.catalogue import DEPARTMENT_NAMES
from tests.unit.simulator.conftest import returned_lines
from tests.unit.simulator.statistics import has_mean, has_rate, has_shares

TRANSIT = Quantiles(parameters.TRANSIT_QUANTILES_PER_MILLE)
MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


def delays(history: History) -> np.ndarray:
    return history.delivery.delay(np.maximum(history.allocation.warehouse, 0))


def long_delivered(history: History, days: int) -> np.ndarray:
    """Whether each order was delivered so long ago that what follows has happened."""
    delivered = history.order_steps.at(DELIVERED)
    return (delivered >= 0) & (delivered < history.plan.end - days * DAY)


@pytest.mark.parametrize("warehouse", range(5))
def test_transit_takes_its_mean_by_warehouse_and_destination(medium: History, warehouse: int) -> None:
    """Over all orders, from each warehouse to each zone, wherever they did ship from."""
    transit = medium.delivery.arrives[:, warehouse] - medium.delivery.shipped
    for zone, hours in enumerate(parameters.TRANSIT_HOURS[warehouse]):
        there = medium.delivery.zone == zone
        assert has_mean(transit[there].tolist(), hours * 3_600 * TRANSIT.mean / 1_000 - 1_800 / 1_000)


def test_most_orders_ship_whole_from_the_nearest_warehouse(medium: History) -> None:
    served = medium.allocation.warehouse >= 0
    nearest_warehouse = np.array(parameters.TRANSIT_HOURS)[:, medium.delivery.zone].argmin(axis=0)
    share = (medium.allocation.warehouse[served] == nearest_warehouse[served]).mean()
    assert 0.6 < share < 1.0


def test_an_order_that_no_warehouse_has_whole_ships_in_several_parcels(medium: History) -> None:
    first, line_warehouse = medium.order_lines.first, medium.allocation.line_warehouse
    is_split = np.maximum.reduceat(line_warehouse, first) != np.minimum.reduceat(line_warehouse, first)
    assert 0 < is_split.mean() < 0.1
    slowest = np.array(parameters.TRANSIT_HOURS)[:, medium.delivery.zone].T
    ships = medium.allocation.warehouse >= 0
    line_hours = slowest[medium.order_lines.order, np.maximum(line_warehouse, 0)]
    hours = slowest[np.arange(len(first)), np.maximum(medium.allocation.warehouse, 0)]
    assert (np.maximum.reduceat(line_hours, first)[ships] == hours[ships]).all()
    parcels = shipments_table(medium)
    keys = list(zip(parcels["order_id"].to_pylist(), parcels["warehouse_id"].to_pylist(), strict=True))
    assert len(set(keys)) == len(keys)
    assert len(set(parcels["tracking_no"].to_pylist())) == len(keys)
    in_parcels = Counter(order for order, _ in keys)
    split = np.flatnonzero(
        is_split & (medium.order_steps.at(PACKED) >= 0) & ~medium.orders.is_settled_elsewhere
    )
    assert len(split) > 10
    assert all(in_parcels[order + 1] >= 2 for order in split.tolist())


def test_packing_and_picking_up_take_their_mean_time(medium: History) -> None:
    delivery, paid = medium.delivery, medium.payments.paid
    to_pack, to_ship = parameters.HANDLING_HOURS
    scale = MILD.mean / 1_000
    assert has_mean((delivery.packed - paid - 600).tolist(), to_pack * 3_600 * scale - 0.5)
    assert has_mean((delivery.shipped - delivery.packed - 600).tolist(), to_ship * 3_600 * scale - 0.5)


def test_some_parcels_are_late_and_few_are_lost(medium: History) -> None:
    delivered = medium.order_steps.at(DELIVERED) >= 0
    assert 0.05 < (delays(medium)[delivered] > 0).mean() < 0.25
    old = (medium.order_steps.at(SHIPPED) >= 0) & (medium.orders.moment < medium.plan.end - 60 * DAY)
    lost = old & (medium.order_steps.reason == LOST)
    assert has_rate(int(lost.sum()), int(old.sum()), parameters.LOST_PARCEL_RATE)


def test_steps_happen_in_order_but_packing_may_be_reported_out_of_order(medium: History) -> None:
    steps = medium.order_steps.times
    for before, after in ((PACKED, SHIPPED), (SHIPPED, DELIVERED), (0, 1), (1, 2), (2, 3)):
        both = (steps[:, before] >= 0) & (steps[:, after] >= 0)
        assert (steps[both, before] <= steps[both, after]).all()
    reported_times = order_steps.reported(medium.plan, medium.order_steps).times
    shipped = reported_times[:, SHIPPED] >= 0
    is_out_of_order = shipped & (reported_times[:, PACKED] > reported_times[:, SHIPPED])
    assert has_rate(int(is_out_of_order.sum()), int(shipped.sum()), parameters.OUT_OF_ORDER_RATE)


def test_carriers_report_late_as_often_as_stated(medium: History) -> None:
    written = order_steps.report_times(medium.plan, medium.order_steps)
    happened = medium.order_steps.at(SHIPPED) >= 0
    late = happened & (written[:, SHIPPED] > medium.order_steps.at(SHIPPED))
    assert has_rate(int(late.sum()), int(happened.sum()), parameters.LATE_REPORT_RATE)
    assert (written.max(axis=1) < medium.plan.end).all()


@pytest.mark.parametrize("department", DEPARTMENT_NAMES)
def test_lines_come_back_by_department_and_more_often_when_late(medium: History, department: str) -> None:
    order_lines, orders = medium.order_lines, medium.orders
    honest = (orders.attack_order < 0) & ~orders.is_settled_elsewhere & ~orders.is_test
    counted = (honest & long_delivered(medium, 60))[order_lines.order]
    counted &= medium.world.catalogue.department[order_lines.sku] == DEPARTMENT_NAMES.index(department)
    came_back = np.zeros(len(order_lines.order), dtype=bool)
    came_back[returned_lines(medium)] = True
    late = (delays(medium) > 0)[order_lines.order]
    rate = parameters.DEPARTMENTS[department].return_rate
    for chosen, expected in ((counted & ~late, rate), (counted & late, rate * parameters.LATE_RETURN_FACTOR)):
        assert has_rate(int((chosen & came_back).sum()), int(chosen.sum()), expected)


def test_returns_are_rejected_and_reasoned_as_stated(medium: History) -> None:
    reasons = np.array(REASONS)[medium.return_rows.reason[medium.return_rows.line >= 0]].tolist()
    assert has_shares(
        [reasons.count(name) for name in REASONS], list(parameters.RETURN_REASON_WEIGHTS.values())
    )
    honest = medium.orders.attack_order[medium.order_lines.order[returned_lines(medium)]] < 0
    rejected = medium.returns.is_rejected[returned_lines(medium)][honest]
    assert has_rate(int(rejected.sum()), len(rejected), parameters.RETURN_REJECTED_RATE)


def test_an_order_is_returned_only_when_all_of_it_came_back(medium: History) -> None:
    returned = np.flatnonzero(medium.order_steps.status == order_steps.RETURNED)
    assert len(returned) > 50
    back = set(returned_lines(medium).tolist())
    ends = np.append(medium.order_lines.first, len(medium.order_lines.order))
    for order in returned.tolist():
        assert set(range(ends[order], ends[order + 1])) <= back


@pytest.mark.parametrize("number", range(3))
def test_stars_follow_the_delay(medium: History, number: int) -> None:
    late = delay_class(delays(medium))[medium.reviews.order]
    weights = list(parameters.RATING_WEIGHTS_BY_DELAY.values())
    stars = np.bincount(medium.reviews.rating[late == number], minlength=6)[1:]
    assert has_shares(stars.tolist(), weights[number])


def test_reviews_come_from_the_stated_part_of_deliveries(medium: History) -> None:
    old = long_delivered(medium, 60) & ~medium.orders.is_test
    written = np.zeros(medium.orders.count, dtype=bool)
    written[medium.reviews.order] = True
    assert has_rate(int((old & written).sum()), int(old.sum()), parameters.REVIEW_RATE)
