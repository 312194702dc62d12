"""Cursors of the API: they come back as they went out, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.serving.api.pages import CursorError, after, cursor_after, key_of
from tradewind.serving.api.table import Order

TYPES: dict[str, type[Any]] = {"name": str, "count": int, "day": date, "at": datetime, "amount": Decimal}
ORDER = Order(tuple(TYPES))


@given(
    st.text(),
    st.integers(-(2**63), 2**63 - 1),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
)
def test_a_cursor_holds_the_key_exactly(
    name: str, count: int, day: date, at: datetime, amount: Decimal
) -> None:
    row = {"name": name, "count": count, "day": day, "at": at, "amount": amount}
    assert key_of(cursor_after(ORDER, row), ORDER, TYPES) == list(row.values())


@pytest.mark.parametrize("value", [None, {}, "x", 1, [], ["a"], ["a", True, "2026-01-01", "x", "1"]])
def test_what_no_answer_has_given_is_refused(value: Any) -> None:
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    with pytest.raises(CursorError, match="next_cursor"):
        key_of(text, ORDER, TYPES)


@pytest.mark.parametrize("text", ["", "!", "é", "bm9uc2Vuc2U", "W1tbW1tb", "=" * 9])
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        key_of(text, ORDER, TYPES)


def test_the_next_page_begins_after_the_key_in_the_direction_of_the_order() -> None:
    order = Order(("day", "count"), is_descending=True)
    condition, values = after(order, [date(2026, 1, 1), 7], TYPES)
    assert condition == "(day, count) < ({after_0:Date32}, {after_1:Int64})"
    assert values == {"after_0": date(2026, 1, 1), "after_1": 7}
