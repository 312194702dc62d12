"""ClickHouse's Node client, unmodified, as admin and as BI user."""

from __future__ import annotations

import uuid

import pytest

from tests.fixtures.clients import NodeClient
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask
from tests.integration.warehouse.test_stopping import ENDLESS, wait_until


@pytest.fixture(autouse=True)
def mart(ask: Ask) -> None:
    """A table to read and to fill."""
    ask("CREATE OR REPLACE TABLE ads.ads_node (id UInt64, name String) ORDER BY id")


@pytest.mark.parametrize("role", ["admin", "bi"])
def test_queries_streams_sessions_and_parameters(
    node: NodeClient, warehouse: RunningWarehouse, ask: Ask, role: str
) -> None:
    session = str(uuid.uuid4())
    ping, typed, stream, used, current, settings, text = node.run(
        warehouse,
        role,
        {"action": "ping"},
        {
            "action": "query",
            "query": "SELECT {text:String} AS text, {day:Date} AS day, 18446744073709551615 AS n",
            "params": {"text": "it's\ta \\ text\n", "day": "2026-01-02"},
            "settings": {"output_format_json_quote_64bit_integers": 1, "wait_end_of_query": 1},
        },
        {"action": "stream", "query": "SELECT number, toString(number) FROM numbers(300000)"},
        {"action": "command", "query": "USE ads", "session": session},
        {"action": "query", "query": "SELECT currentDatabase() AS d", "session": session},
        {"action": "query", "query": "SELECT getSetting('max_threads') AS n", "settings": {"max_threads": 3}},
        {"action": "exec", "query": "SHOW TABLES FROM ads LIKE 'ads_node' FORMAT TSV"},
    )
    assert ping is True
    assert typed == [{"text": "it's\ta \\ text\n", "day": "2026-01-02", "n": "18446744073709551615"}]
    assert stream == 300_000
    assert used == {"has_summary": True}
    assert current == [{"d": "ads"}]
    assert settings in ([{"n": 3}], [{"n": "3"}])
    assert text == "ads_node\n"


def test_inserts_arrive_and_only_from_who_may_write(
    node: NodeClient, warehouse: RunningWarehouse, ask: Ask
) -> None:
    insert = {"action": "insert", "table": "ads.ads_node", "rows": 1000}
    assert node.run(warehouse, "writer", insert) == ["1000"]
    (refused,) = node.run(warehouse, "bi", insert)
    assert refused["error"].startswith("497 ")
    assert ask("SELECT count(), max(name) FROM ads.ads_node").text == "1000\tname 999\n"


@pytest.mark.parametrize("role", ["admin", "bi"])
def test_an_aborted_query_ends(node: NodeClient, warehouse: RunningWarehouse, ask: Ask, role: str) -> None:
    aborted, next_one = node.run(
        warehouse,
        role,
        {"action": "abort", "query": ENDLESS},
        {"action": "query", "query": "SELECT 1 AS one"},
    )
    assert "aborted" in aborted["error"]
    assert next_one == [{"one": 1}]
    wait_until(lambda: ask("SELECT count() FROM system.processes WHERE query LIKE '%sipHash%'").text == "1\n")
