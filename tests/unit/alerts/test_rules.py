"""The file of rules: what it may say, and what is said of what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.contracts import types
from tradewind.serving.alerts import rules
from tradewind.serving.alerts.readings import breaks
from tradewind.serving.alerts.rules import Figure, Limits, Rows, Rule, RulesError

GOOD = """
rules:
  - name: no_orders
    description: Nobody orders.
    severity: critical
    owner: sales
    figure: {table: rt.rt_order_metrics, time: minute, column: order_count, window_minutes: 30}
    limits: {below: 1}
"""


def read(tmp_path: Path, text: str) -> tuple[rules.Rule, ...]:
    path = tmp_path / "rules.yml"
    path.write_text(text)
    return rules.read(path)


def test_the_rules_that_come_with_the_product_are_read() -> None:
    found = {rule.name for rule in rules.read()}
    assert {
        "revenue_is_unusual",
        "no_purchases",
        "stock_is_below_safety",
        "data_is_stale",
        "check_failed",
    } <= found


def figure_columns(figure: Figure) -> dict[str, set[str]]:
    """What a figure reads, with the types that it can be."""
    numbers = {"bigint", "decimal(18,2)"}
    sums = {name: numbers for name in (figure.column, figure.per) if name}
    return sums | {figure.time: {"second"}} | {name: {"text"} for name in figure.where}


def rows_columns(rows: Rows) -> dict[str, set[str]]:
    """What a rule on rows reads, with the types that it can be."""
    numbers = {"bigint", "double"}
    condition = {"boolean"} if rows.condition.is_true is not None else numbers
    condition = {"text"} if rows.condition.is_in is not None else condition
    within = {rows.within.column: {"timestamptz"}} if rows.within else {}
    keys = {name: {"bigint", "text"} for name in rows.subject}
    return keys | {rows.value: numbers} | {rows.condition.column: condition} | within


@pytest.mark.parametrize("rule", rules.read(), ids=lambda rule: rule.name)
def test_a_rule_reads_columns_that_its_table_has(rule: Rule) -> None:
    watched = rule.figure or rule.rows
    assert watched is not None
    known = types(watched.table)
    read = figure_columns(watched) if isinstance(watched, Figure) else rows_columns(watched)
    assert read.keys() <= known.keys()
    assert {name: known[name] for name in read if known[name] not in read[name]} == {}


def test_a_rule_has_the_defaults(tmp_path: Path) -> None:
    [rule] = read(tmp_path, GOOD)
    assert (rule.for_seconds, rule.resolved_after_seconds, rule.needs_fresh_data) == (10, 120, True)
    assert rule.limits is not None and not rule.limits.need_usual


@pytest.mark.parametrize(
    ("text", "instead", "reason"),
    [
        ("below: 1", "bellow: 1", "rule no_orders, limits.bellow: Extra inputs are not permitted"),
        ("below: 1", "below_usual: 2", "rule no_orders, limits.below_usual: Input should be less than 1"),
        ("{below: 1}", "{}", "rule no_orders, limits: Value error, needs one of above, below"),
        ("severity: critical", "severity: high", "rule no_orders, severity: Input should be 'info'"),
        ("rt.rt_order_metrics", "rt.x;drop", "rule no_orders, figure.table: String should match pattern"),
        (
            "    limits: {below: 1}\n",
            "",
            "rule no_orders: Value error, needs either `rows`, or `figure` and `limits`",
        ),
        ("name: no_orders", "name: No orders", "rule No orders, name: String should match pattern"),
        ("  - name: no_orders\n    description", "  - description", "rule number 1, name: Field required"),
        (GOOD, "rules: []", "rules: Tuple should have at least 1 item"),
        (GOOD, GOOD + GOOD.split("rules:")[1], "two rules are called no_orders"),
        ("{below: 1}", "{below: 1", "cannot be read: while parsing a flow mapping"),
    ],
)
def test_what_is_wrong_is_named_with_its_rule_and_field(
    tmp_path: Path, text: str, instead: str, reason: str
) -> None:
    with pytest.raises(RulesError) as error:
        read(tmp_path, GOOD.replace(text, instead))
    assert reason in str(error.value)
    assert str(tmp_path / "rules.yml") in str(error.value)


@pytest.mark.parametrize(
    ("limits", "alerts"),
    [
        ({"below": 3}, [0, 2]),
        ({"above": 3}, [5, 30]),
        ({"below_usual": 0.5}, [0, 2]),
        ({"above_usual": 2}, [30]),
        ({"below": 3, "above_usual": 2}, [0, 2, 30]),
        ({"below": 1, "below_usual": 0.5, "needs_all": True}, [0]),
        ({"below": 9, "below_usual": 0.5, "needs_all": True}, [0, 2]),
        ({"below": 1, "usual_at_least": 11}, []),
    ],
)
def test_a_figure_is_an_alert_beyond_its_limits(limits: dict[str, float], alerts: list[float]) -> None:
    parsed = Limits.model_validate(limits)
    assert [value for value in (0, 2, 5, 30) if breaks(parsed, value, usual=10)] == alerts


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"none\.yml cannot be read"):
        rules.read(tmp_path / "none.yml")
