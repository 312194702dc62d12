"""When people shop: the curves, holidays and sales as the parameters state them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from simulator import calendar, parameters

ORDINARY_MONDAY = dt.date(2025, 3, 10)


def local(country: str, day: dt.date, hour: int) -> dt.datetime:
    """The instant at which a country's clocks show this."""
    offset = dt.timezone(dt.timedelta(hours=parameters.COUNTRIES[country].utc_offset_hours))
    return dt.datetime.combine(day, dt.time(hour, 30), offset)


@pytest.mark.parametrize("country", parameters.COUNTRIES)
def test_an_ordinary_week_has_the_ordinary_traffic(country: str) -> None:
    weights = calendar.hourly_weights(country, ORDINARY_MONDAY, 7)
    assert weights.mean() == pytest.approx(1_000**3, rel=0.01)


@pytest.mark.parametrize("country", parameters.COUNTRIES)
def test_an_hours_traffic_is_that_of_the_local_clock(country: str) -> None:
    weights = parameters.HOUR_WEIGHTS[country]
    factors = [calendar.traffic_factor(country, local(country, ORDINARY_MONDAY, hour)) for hour in range(24)]
    ratios = np.array(factors) / np.array(weights)
    assert ratios.max() / ratios.min() < 1.05


def test_the_weights_of_hours_are_the_factors_of_their_instants() -> None:
    weights = calendar.hourly_weights("PH", ORDINARY_MONDAY, 2)
    begin = dt.datetime.combine(ORDINARY_MONDAY, dt.time(), dt.UTC)
    factors = [calendar.traffic_factor("PH", begin + dt.timedelta(hours=hour)) for hour in range(48)]
    assert factors == [weight / 1_000**3 for weight in weights.tolist()]


@pytest.mark.parametrize(
    ("country", "day", "rate"),
    [
        ("TH", dt.date(2025, 11, 11), 5.0),
        ("TH", dt.date(2025, 12, 12), 4.0),
        ("TH", dt.date(2025, 4, 14), 0.60),
        ("SG", dt.date(2025, 4, 14), 1.0),
        ("VN", dt.date(2026, 2, 10), 1.45),
        ("VN", dt.date(2026, 2, 18), 0.50),
        ("TH", dt.date(2026, 2, 18), 1.0),
        ("ID", dt.date(2025, 3, 25), 1.0),
        ("ID", dt.date(2025, 3, 26), 1.15),
    ],
)
def test_holidays_sales_and_paydays_change_a_days_traffic(country: str, day: dt.date, rate: float) -> None:
    assert calendar.day_per_mille(country, day) == round(rate * 1_000)


def test_sale_days_are_found_in_any_period() -> None:
    found = calendar.sale_days(dt.date(2025, 11, 1), 60)
    assert found == [dt.date(2025, 11, 11), dt.date(2025, 12, 12)]


def test_school_goods_are_wanted_before_school_begins() -> None:
    assert (
        calendar.season_weights(5)["School and Office"] > 3 * calendar.season_weights(1)["School and Office"]
    )
