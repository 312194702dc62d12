"""The near-real-time marts as a person sees them: by the command line, and while a sale happens."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.fixtures.stack import Stack

pytestmark = pytest.mark.timeout(900)

SALE_SECONDS = 120


def board(stack: Stack, *options: str) -> dict[str, Any]:
    """What `tradewind top --json` writes."""
    figures: dict[str, Any] = json.loads(stack.tradewind("top", "--json", *options).stdout)
    return figures


def test_the_marts_of_a_running_shop_are_fresh(stack: Stack) -> None:
    marts = json.loads(stack.tradewind("rt", "status", "--json").stdout)
    assert {mart["mart"] for mart in marts} >= {"rt_order_metrics", "rt_funnel_metrics", "v_live_kpi"}
    assert [mart for mart in marts if mart["is_stale"]] == []
    assert "rt_stuck_orders" in stack.tradewind("rt", "status").stdout


def test_the_demo_shows_live_figures_that_equal_batch(stack: Stack) -> None:
    live = stack.summary["live"]
    assert {"rt_order_metrics gmv", "rt_revenue_per_minute received_amount"} <= live.keys()
    assert [name for name, both in live.items() if both["live"] != both["batch"]] == []


def test_a_rebuilt_mart_is_made_from_new_states(stack: Stack) -> None:
    rebuilt = json.loads(stack.tradewind("rt", "rebuild", "rt_events_per_minute", "--json").stdout)
    assert rebuilt == {"rebuilt": ["state_user_events"]}
    unknown = stack.tradewind("rt", "rebuild", "rt_unknown", check=False)
    assert unknown.returncode == 1 and "rt_order_metrics" in unknown.stderr


def test_top_reads_any_warehouse_and_draws_a_picture(stack: Stack) -> None:
    picture = stack.home.parent / "top.svg"
    url = stack.urls["CLICKHOUSE_BI_URL"]
    shown = stack.tradewind("top", "--once", "--minutes", "60", "--url", url, "--svg", str(picture)).stdout
    assert "the last 60 minutes" in shown and "behind the shop" in shown
    assert picture.read_text().startswith("<svg")


def test_a_newcomer_sees_the_flash_sale_happen(empty_stack: Stack) -> None:
    empty_stack.tradewind("up", "--simulate", "FlashSale", "--seed", "small")
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + SALE_SECONDS
    while not seen or not is_sale_happening(seen[0], seen[-1]):
        assert time.monotonic() < deadline, seen[-1]
        seen.append(board(empty_stack))
    assert seen[-1]["kpi"]["is_stale"] is False
    assert sum(seen[-1]["funnel"]) > 0 and seen[-1]["cities"]


def is_sale_happening(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """More orders than before, and pieces sold of what is on sale."""
    has_sold = any(sold > 0 for _, sold, _, _ in now["flash_sales"])
    return has_sold and sum(now["orders"]) > sum(before["orders"])
