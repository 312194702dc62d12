"""The near-real-time library: the manifest, the queries that are compared, and how a board looks."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from application.cli.top_screen import bars, screen
from tradewind.rt import definitions
from tradewind.rt.board import Board
from tradewind.rt.comparison import Difference, Hours, persistent
from tradewind.rt.figures import FIGURES, ORDERS
from tradewind.rt.queries import Queries


def macro(text: str, path: str = "macros/metrics.sql", calls: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"macro_sql": text, "original_file_path": path, "depends_on": {"macros": list(calls)}}


MANIFEST: definitions.Manifest = {
    "nodes": {
        "model.tradewind.state_orders": {
            "name": "state_orders", "resource_type": "model",
            "fqn": ["tradewind", "rt", "states", "state_orders"],
            "raw_code": "select 1", "config": {"order_by": ["order_id"]}, "columns": {}, "description": "",
            "depends_on": {
                "nodes": ["source.tradewind.bronze.orders"], "macros": ["macro.tradewind.is_received"],
            },
        },
        "model.tradewind.ads_daily_gmv": {
            "name": "ads_daily_gmv", "resource_type": "model", "fqn": ["tradewind", "ads", "ads_daily_gmv"],
            "raw_code": "select 2", "config": {}, "columns": {}, "description": "",
            "depends_on": {"nodes": ["source.tradewind.bronze.sellers"], "macros": []},
        },
    },
    "sources": {
        "source.tradewind.bronze.orders": {"schema": "bronze", "name": "orders"},
        "source.tradewind.bronze.sellers": {"schema": "bronze", "name": "sellers"},
    },
    "macros": {
        "macro.tradewind.is_left_out": macro(
            "{% macro is_left_out(user) -%} {{ user }}.is_test or {{ user }}.is_bot {%- endmacro %}"
        ),
        "macro.tradewind.counts_towards_gmv": macro(
            "{% macro counts_towards_gmv(order) -%} not {{ order }}.is_test {%- endmacro %}"
        ),
        "macro.tradewind.is_received": macro(
            "{% macro is_received(payment) -%} {{ payment }}.status = 'captured' {%- endmacro %}"
        ),
        "macro.tradewind.is_refunded": macro(
            "{% macro is_refunded(row) -%} {{ row }}.status = 'refunded' {%- endmacro %}"
        ),
        "macro.tradewind.state_engine": macro("engine", "macros/rt/state.sql", ("macro.tradewind.helper",)),
        "macro.tradewind.helper": macro("helper", "macros/time.sql"),
        "macro.tradewind.other": macro("other", "macros/other.sql"),
    },
}  # fmt: skip


def test_the_logs_are_those_that_models_of_the_layer_read() -> None:
    assert definitions.logs(MANIFEST) == [("bronze", "orders")]
    assert list(definitions.models(MANIFEST)) == ["state_orders"]


def changed(*path: str, value: object) -> definitions.Manifest:
    manifest = copy.deepcopy(MANIFEST)
    place: Any = manifest
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return manifest


@pytest.mark.parametrize(
    "manifest",
    [
        changed("nodes", "model.tradewind.state_orders", "raw_code", value="select 3"),
        changed("nodes", "model.tradewind.state_orders", "config", value={"order_by": ["minute"]}),
        changed("macros", "macro.tradewind.is_received", "macro_sql", value="true"),
        changed("macros", "macro.tradewind.state_engine", "macro_sql", value="another engine"),
        changed("macros", "macro.tradewind.helper", "macro_sql", value="another helper"),
    ],
    ids=["sql", "config", "macro of a model", "macro of the layer", "macro of a macro"],
)
def test_what_a_model_is_made_from_changes_the_checksum(manifest: definitions.Manifest) -> None:
    assert definitions.checksum(manifest, "vars") != definitions.checksum(MANIFEST, "vars")


def test_what_no_model_of_the_layer_uses_leaves_the_checksum() -> None:
    other = changed("macros", "macro.tradewind.other", "macro_sql", value="changed")
    other["nodes"]["model.tradewind.ads_daily_gmv"]["raw_code"] = "changed"
    assert definitions.checksum(other, "vars") == definitions.checksum(MANIFEST, "vars")
    assert definitions.checksum(MANIFEST, "other vars") != definitions.checksum(MANIFEST, "vars")


TABLES = {
    state: f"{state}__1"
    for state in (
        "state_orders", "state_order_items", "state_payments", "state_refunds", "state_user_events",
        "state_fx_rates", "state_users",
    )
}  # fmt: skip


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.mart)
def test_every_query_is_filled_in(figure: Any, dialect: Any) -> None:
    queries = Queries(MANIFEST, TABLES, "Europe/Berlin", dialect)
    for template in (figure.rt, figure.batch, figure.source, figure.news):
        query = queries.render(template, "2026-01-01 00:00:00", "2026-01-02 00:00:00")
        assert query.startswith(("select", "with"))
        assert "{" not in query


def test_what_counts_is_said_by_the_projects_macro() -> None:
    query = Queries(MANIFEST, TABLES, "UTC").render(
        ORDERS.source, "2026-01-01 00:00:00", "2026-01-02 00:00:00"
    )
    assert "count(case when not placed.is_test then 1 end)" in query


HOUR = datetime(2026, 1, 1, 5)


def difference(rt: str) -> Difference:
    return Difference("rt_order_metrics", HOUR, "batch", (Decimal(rt), Decimal(5)), (Decimal(2), Decimal(5)),
                      ("order_count", "gmv"))  # fmt: skip


def test_a_difference_names_mart_hour_and_figure() -> None:
    text = str(difference("1"))
    assert text == "rt_order_metrics, hour of 2026-01-01 05:00 UTC, against batch: order_count 1 instead of 2"


def test_only_what_differs_each_time_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewind.rt.comparison.PAUSE_SECONDS", 0)
    looks = iter([[difference("1")], [difference("3")], [], [difference("1")]])
    assert persistent(lambda: next(looks)) == []
    assert persistent(lambda: [difference("1")]) == [difference("1")]


def test_hours_end_with_the_last_one_that_is_over() -> None:
    hours = Hours.before(datetime(2026, 1, 2, 3, 4, tzinfo=UTC), 24)
    assert (hours.start, hours.end) == (datetime(2026, 1, 1, 3), datetime(2026, 1, 2, 3))


def board(**changes: Any) -> Board:
    minutes = [datetime(2026, 1, 1, 5, minute, tzinfo=UTC) for minute in range(15)]
    kpi = {
        "gmv_today": Decimal("1234.50"), "order_count_today": 7, "gmv_change_to_yesterday_rate": 0.25,
        "gmv_change_to_week_ago_rate": None, "seconds_behind": 0.4, "is_stale": False,
    }  # fmt: skip
    values: dict[str, Any] = {
        "window": timedelta(minutes=15), "minutes": minutes, "gmv": [Decimal(number) for number in range(15)],
        "orders": list(range(15)), "cancelled": 2, "cities": [("Bangkok", 5, Decimal(10))],
        "categories": [("Toys", 3, Decimal(9))], "funnel": (100, 20, 4), "stuck": (2, 45),
        "stock": [("Kite", "Phuket", 1, 5, 30)], "stock_alerts": (9, 3),
        "flash_sales": [("Lamp", 40, 50, 0.8)],
        "latest": [(datetime(2026, 1, 1, 5, 14, 9, tzinfo=UTC), "Bangkok", "app", "paid", Decimal(12))],
        "kpi": kpi | changes,
    }  # fmt: skip
    return Board(**values)


def shown(view: Any) -> str:
    console = Console(file=StringIO(), width=120, force_terminal=False)
    console.print(view)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_board_shows_every_figure() -> None:
    text = shown(screen(board()))
    for figure in ("1,234.50", "+25% to yesterday", "- to a week ago", "0.4 s behind the shop", "Bangkok",
                   "Toys", "2 stuck orders, up to 45 min", "9 alerts", "40 of 50", "105.00"):  # fmt: skip
        assert figure in text, figure
    assert "STALE" not in text


def test_a_board_of_a_shop_that_stands_still_says_so() -> None:
    assert "STALE: 12.0 s behind the shop" in shown(screen(board(is_stale=True, seconds_behind=12.0)))
    assert "nothing was ever captured" in shown(screen(board(is_stale=True, seconds_behind=None)))


def test_a_long_window_is_drawn_in_the_same_width() -> None:
    assert len(bars([1] * 180, 60)) == 60
    assert bars([0, 0, 5, 5], 2) == " █"
