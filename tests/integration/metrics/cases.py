"""Tables small enough to work out metrics by hand, and questions with the answers that both engines give."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from metricflow_semantic_interfaces.parsing.dir_to_model import parse_yaml_files_to_semantic_manifest
from metricflow_semantic_interfaces.parsing.objects import YamlConfigFile

from tradewind.metrics import questions
from tradewind.metrics.questions import Condition, Question

DATABASE = "metric_cases"
DECLARATIONS = Path(__file__).with_name("cases.yaml")
DAYS = [date(2026, 1, day) for day in range(1, 6)]
TABLES = {
    "days": ("day Date", [(day,) for day in DAYS]),
    "stock_levels": (
        "level BigInt, day Date, warehouse String, pieces BigInt",
        [
            (1, DAYS[0], "a", 10),
            (2, DAYS[1], "a", 7),
            (3, DAYS[0], "b", 5),
            (4, DAYS[1], "b", 5),
            (5, DAYS[2], "b", 4),
        ],
    ),
    "shops": ("shop_id BigInt, city String", [(1, "Bangkok"), (2, None)]),
    "sales": (
        "sale BigInt, shop_id BigInt, day Date, amount Decimal(18, 2), _is_deleted Int",
        [
            (1, 1, DAYS[0], Decimal("1.01"), 0),
            (2, 1, DAYS[1], Decimal("1.00"), 0),
            (3, 2, DAYS[1], Decimal("5.00"), 0),
            (4, 9, DAYS[3], Decimal("1.00"), 0),
        ],
    ),
    "visits": (
        "visit BigInt, shop_id BigInt, day Date",
        [(1, 1, DAYS[0]), (2, 1, DAYS[1]), (3, 2, DAYS[1]), (4, 2, DAYS[2]), (5, 2, DAYS[2])],
    ),
}
"""Table -> columns and rows; shop 9 is not known, and shop 2 is in no city."""

TWO_DAYS = questions.between(DAYS[1], DAYS[2])


def asked(metric: str, *by: str, **rest: Any) -> Question:
    return Question(metric, by, **rest)


BANGKOK = (Condition("city", ("Bangkok",)),)
ELSEWHERE = (Condition("city", ("Bangkok",), is_negated=True),)
NOWHERE = (Condition("city", ("",)),)
ANSWERS: dict[str, tuple[Question, list[tuple[Any, ...]]]] = {
    "a level by day": (asked("stock", "day"), [(DAYS[0], 15), (DAYS[1], 12), (DAYS[2], 4)]),
    "a level is that of the last day, not the sum of days": (asked("stock", "month"), [(DAYS[0], 4)]),
    "a missing group comes once": (
        asked("sales", "city"),
        [("Bangkok", Decimal("2.01")), (None, Decimal("6.00"))],
    ),
    "a missing group is matched between the parts of a ratio": (
        asked("sales_per_visit", "city"),
        [("Bangkok", Decimal("1.01")), (None, Decimal("2.00"))],
    ),
    "nothing per visit is zero, and a sale without a visit has no ratio": (
        asked("sales_per_visit", "day", "city"),
        [
            (DAYS[0], "Bangkok", Decimal("1.01")),
            (DAYS[1], "Bangkok", Decimal("1.00")),
            (DAYS[1], None, Decimal("5.00")),
            (DAYS[2], None, Decimal("0.00")),
            (DAYS[3], None, None),
        ],
    ),
    "money per count is rounded half up: 2.01 / 2 is 1.005": (
        asked("sales_per_visit", where=BANGKOK),
        [(Decimal("1.01"),)],
    ),
    "a rate is not rounded": (asked("visits_per_sale", where=BANGKOK), [(pytest.approx(2 / 2.01),)]),
    "a window reaches back before the period": (
        asked("sales_of_2_days", "day", period=TWO_DAYS),
        [(DAYS[1], Decimal("7.01")), (DAYS[2], Decimal("6.00"))],
    ),
    "a median is interpolated": (asked("median_sale"), [(pytest.approx(1.005),)]),
    "a filter": (asked("sales", where=BANGKOK), [(Decimal("2.01"),)]),
    "a negated filter keeps what has no value": (asked("sales", where=ELSEWHERE), [(Decimal("6.00"),)]),
    "a filter for what has no value": (asked("sales", where=NOWHERE), [(Decimal("6.00"),)]),
    "an additive metric of nothing is zero": (asked("sales", where=(Condition("city", ("x'y",)),)), [(0,)]),
    "groups of nothing are none": (asked("sales", "city", where=(Condition("city", ("x",)),)), []),
    "a ratio of nothing is none": (asked("sales_per_visit", where=(Condition("city", ("\\",)),)), [(None,)]),
}
"""What is shown -> the question and its answer."""


def manifest() -> str:
    """The semantic manifest of the cases."""
    file = YamlConfigFile(filepath=str(DECLARATIONS), contents=DECLARATIONS.read_text())
    parsed = parse_yaml_files_to_semantic_manifest([file]).semantic_manifest
    return json.dumps(parsed.dict(), default=lambda value: getattr(value, "value", None))


def literals(rows: list[tuple[Any, ...]]) -> str:
    """The rows as both engines read them in VALUES."""
    return ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, date):
        return f"date '{value}'"
    return f"'{value}'" if isinstance(value, str) else str(value)
