"""What may be asked for, and the one line that refuses the rest."""

from __future__ import annotations

import datetime as dt

import pytest

from simulator.plan import PlanError, make_plan, parse_day

TODAY = dt.date(2026, 1, 10)


def test_a_plan_ends_before_the_day_given_and_lasts_as_long_as_asked() -> None:
    plan = make_plan("small", 1, 90, dt.date(2025, 12, 1), TODAY)
    assert (plan.first_day, plan.until) == (dt.date(2025, 9, 2), dt.date(2025, 12, 1))
    assert plan.end - plan.start == 90 * 86_400


def test_a_plan_is_a_year_up_to_today_unless_said_otherwise() -> None:
    plan = make_plan("small", 1, None, None, TODAY)
    assert (plan.first_day, plan.until) == (dt.date(2025, 1, 10), TODAY)


@pytest.mark.parametrize(
    ("size", "days", "until", "complaint"),
    [
        ("huge", None, None, "unknown size 'huge'; there are small, medium, large"),
        ("small", -3, None, "-3 days are too few"),
        ("small", 29, None, "at least 30"),
        ("small", None, dt.date(2026, 1, 11), "after today"),
        ("small", None, dt.date(2020, 6, 1), "would start before 2020-01-01"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    size: str, days: int | None, until: dt.date | None, complaint: str
) -> None:
    with pytest.raises(PlanError, match=complaint) as caught:
        make_plan(size, 1, days, until, TODAY)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["2026-13-40", "yesterday", "10.1.2026", ""])
def test_a_day_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match="is not a day; write it as 2026-01-31"):
        parse_day(text)
