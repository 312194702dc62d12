"""How a question about a metric is read: groups, filters and periods."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tradewind.metrics import questions
from tradewind.metrics.declarations import DeclarationError, Declarations, MetricError
from tradewind.metrics.questions import Condition, Period, shifted

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "start", "earlier_start", "earlier_end"),
    [
        ("1d", date(2026, 3, 31), date(2026, 3, 30), date(2026, 3, 30)),
        ("30d", date(2026, 3, 2), date(2026, 1, 31), date(2026, 3, 1)),
        ("2w", date(2026, 3, 18), date(2026, 3, 4), date(2026, 3, 17)),
        ("1m", date(2026, 3, 1), date(2026, 2, 1), date(2026, 2, 28)),
        ("3m", date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
        ("1y", date(2026, 1, 1), date(2025, 1, 1), date(2025, 3, 31)),
    ],
)
def test_a_period_ends_today_and_the_one_before_is_as_long(
    text: str, start: date, earlier_start: date, earlier_end: date
) -> None:
    period = questions.last(text, TODAY)
    assert (period.start, period.end) == (start, TODAY)
    earlier = period.earlier(period.step, period.count)
    assert (earlier.start, earlier.end) == (earlier_start, earlier_end)


def test_explicit_days_are_both_included() -> None:
    assert questions.between(date(2026, 1, 1), date(2026, 1, 10)) == Period(
        date(2026, 1, 1), date(2026, 1, 10), "day", 10
    )


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    assert shifted(date(2026, 3, 31), "month", -1) == date(2026, 2, 28)
    assert shifted(date(2024, 2, 29), "year", 1) == date(2025, 2, 28)
    assert shifted(date(2026, 1, 15), "month", -13) == date(2024, 12, 15)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("channel=website", Condition("channel", ("website",))),
        ("channel = website, shopee", Condition("channel", ("website", "shopee"))),
        ("country!=TH", Condition("country", ("TH",), is_negated=True)),
        ("state=", Condition("state", ("",))),
        ("seller_name=A = B", Condition("seller_name", ("A = B",))),
    ],
)
def test_a_filter_names_a_dimension_and_values(text: str, condition: Condition) -> None:
    assert questions.condition(text) == condition


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: questions.last("30", TODAY), "--last 30 is not understood; write a number and d, w, m or y"),
        (lambda: questions.last("0d", TODAY), "--last 0d is not understood"),
        (lambda: questions.condition("channel like x"), "--where channel like x is not understood"),
        (lambda: questions.groups(["day,month"]), "--by takes one period, not day and month"),
        (lambda: questions.groups(["day", "day"]), "--by names something twice: day, day"),
        (lambda: questions.between(TODAY, date(2026, 3, 1)), "ends on 2026-03-01, before it starts"),
    ],
)
def test_what_is_not_understood_is_refused_with_an_example(read: Any, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        read()


def declared(**changes: Any) -> str:
    """A semantic manifest with one metric, its declaration changed."""
    meta = {"unit": "count", "additive": "nowhere", "synonyms": ["visitors"]} | changes.pop("meta", {})
    metric = {
        "name": "active_users",
        "label": "Active users",
        "description": "People.",
        "type": "simple",
        "type_params": {"input_measures": [{"name": "users"}]},
        "config": {"meta": meta},
    }
    return json.dumps({"metrics": [metric | changes], "semantic_models": []})


@pytest.mark.parametrize("name", ["active_user", "Visitors", "active users"])
def test_a_similar_name_or_a_synonym_is_suggested(name: str) -> None:
    with pytest.raises(MetricError, match=f"there is no metric {name}; did you mean active_users?"):
        Declarations(declared()).metric(name)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"meta": {"unit": "bananas"}}, "metric active_users needs config.meta.unit, one of money, count"),
        ({"meta": {"additive": True}}, "needs config.meta.additive, everywhere or nowhere"),
        ({"meta": {"only_by": ["day"]}}, "needs config.meta.reason beside only_by"),
        ({"meta": {"only_by": ["hour"], "reason": "x"}}, "needs only_by with some of day, week"),
        ({"description": ""}, "needs description"),
        ({"label": None}, "needs label"),
    ],
)
def test_a_declaration_that_lacks_something_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        Declarations(declared(**changes))
