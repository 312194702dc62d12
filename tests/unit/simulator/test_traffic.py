"""When orders come: hours, weekdays, holidays, seasons and growth, against their parameters."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from simulator import calendar, parameters
from simulator.history.generate import History
from simulator.plan import DAY
from simulator.randomness import Ints
from simulator.world.catalogue import DEPARTMENT_NAMES
from simulator.world.places import COUNTRY_CODES
from tests.unit.simulator.statistics import has_rate, has_shares


def local_moments(history: History, country: str) -> Ints:
    """Seconds on the country's clocks, of its ordinary orders and visits."""
    number, offset = COUNTRY_CODES.index(country), calendar.utc_offset_hours(country) * 3_600
    orders = history.orders.moment[(history.orders.country == number) & (history.orders.attack_order < 0)]
    visits = history.visits.moment[(history.visits.country == number) & (history.visits.order < 0)]
    return np.concatenate([orders, visits]) + offset


@pytest.mark.parametrize("country", ["TH", "SG", "MY", "PH", "ID", "VN"])
def test_traffic_by_local_hour_follows_the_countrys_curve(medium: History, country: str) -> None:
    hours = local_moments(medium, country) % DAY // 3_600
    assert has_shares(np.bincount(hours, minlength=24).tolist(), parameters.HOUR_WEIGHTS[country])


def test_another_countrys_curve_does_not_fit(medium: History) -> None:
    hours = local_moments(medium, "TH") % DAY // 3_600
    assert not has_shares(np.bincount(hours, minlength=24).tolist(), parameters.HOUR_WEIGHTS["VN"])


@pytest.mark.parametrize("country", ["TH", "PH", "VN"])
def test_traffic_by_local_weekday_follows_the_countrys_curve(medium: History, country: str) -> None:
    """On ordinary days of channels without vouchers; days differ in growth, so weekdays are weighed by it."""
    plan = medium.plan
    first = dt.date(1970, 1, 1)
    is_settled = medium.orders.is_settled_elsewhere & (medium.orders.country == COUNTRY_CODES.index(country))
    moments = medium.orders.moment[is_settled] + calendar.utc_offset_hours(country) * 3_600
    counts, weights = np.zeros(7), np.zeros(7)
    for number, count in zip(*np.unique(moments // DAY, return_counts=True), strict=True):
        day = first + dt.timedelta(days=int(number))
        if calendar.day_per_mille(country, day) == 1_000 and plan.first_day < day < plan.until:
            counts[day.weekday()] += count
    for number in range(1, plan.days):
        day = plan.first_day + dt.timedelta(days=number)
        if calendar.day_per_mille(country, day) == 1_000:
            growth = 1 + parameters.YEARLY_GROWTH_RATE * number / 365
            weights[day.weekday()] += parameters.WEEKDAY_WEIGHTS[country][day.weekday()] * growth
    assert has_shares(counts.tolist(), weights.tolist())


@pytest.mark.parametrize(
    ("day", "rate"), [(dt.date(2025, 11, 11), 5.0), (dt.date(2025, 12, 12), 4.0), (dt.date(2025, 4, 14), 0.6)]
)
def test_a_sale_or_holiday_changes_the_orders_of_its_day(medium: History, day: dt.date, rate: float) -> None:
    """Compared with the same weekday one, two and three weeks around it, of which none is special."""
    plan, orders = medium.plan, medium.orders
    thai = orders.moment[(orders.country == 0) & (orders.attack_order < 0)] + 7 * 3_600
    numbers = (thai - plan.start) // DAY
    number = (day - plan.first_day).days
    around = [number + 7 * week for week in (-3, -2, -1, 1, 2, 3)]
    ordinary = [
        near
        for near in around
        if calendar.day_per_mille("TH", plan.first_day + dt.timedelta(days=near)) == 1_000
    ]
    special, usual = int((numbers == number).sum()), int(np.isin(numbers, ordinary).sum())
    uplift = medium.world.traffic_with_vouchers.uplift
    assert uplift is not None
    share = rate * uplift[0, number] / (rate * uplift[0, number] + sum(uplift[0, near] for near in ordinary))
    assert has_rate(special, special + usual, share)


def test_orders_grow_over_the_year(medium: History) -> None:
    plan = medium.plan
    first_quarter = medium.world.base_traffic.weights(0)[: 91 * 24]
    assert first_quarter.mean() < medium.world.base_traffic.weights(0)[-91 * 24 :].mean()
    number = (medium.orders.moment - plan.start) // DAY
    assert (number >= plan.days - 91).sum() > (number < 91).sum() * 1.1


def test_departments_sell_by_season(medium: History) -> None:
    catalogue, order_lines, orders = medium.world.catalogue, medium.order_lines, medium.orders
    ordinary = (order_lines.flash_sale < 0) & (orders.attack_order[order_lines.order] < 0)
    days = (orders.moment[order_lines.order] - medium.plan.start) // DAY
    months = np.array([(medium.plan.first_day + dt.timedelta(days=int(day))).month for day in days])
    department = catalogue.department[order_lines.sku]
    steady = catalogue.is_on_sale(np.arange(catalogue.count), np.full(catalogue.count, medium.plan.start))
    for name in ("Toys and Games", "School and Office"):
        number = DEPARTMENT_NAMES.index(name)
        for month in (1, 5, 12):
            weights = catalogue.seasonal_weights(month) * steady
            share = weights[catalogue.department == number].sum() / weights.sum()
            here = ordinary & (months == month) & steady[order_lines.sku]
            sold = int((department[here] == number).sum())
            assert sold == pytest.approx(share * here.sum(), rel=0.25), (name, month)
    december, june = (
        (department[ordinary & (months == month)] == DEPARTMENT_NAMES.index("Toys and Games")).mean()
        for month in (12, 6)
    )
    assert december > 1.7 * june
