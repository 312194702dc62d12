"""An idle connection serves the next query that wants the same of one, and carries nothing over to it."""

from __future__ import annotations

import pytest

from clickhouse_server.pool import MAX_IDLE
from tests.integration.warehouse.conftest import Ask
from tests.integration.warehouse.test_stopping import ENDLESS, InBackground, runs, wait_until

SETTING = "SELECT getSetting('max_block_size')"


@pytest.fixture
def usual(ask: Ask) -> str:
    """The setting's value where nobody gives one."""
    return ask(SETTING).text


@pytest.mark.parametrize("role", ["admin", "writer", "bi"])
def test_a_querys_settings_are_gone_with_it(ask: Ask, usual: str, role: str) -> None:
    assert ask(SETTING, role, max_block_size=17).text == "17\n"
    assert ask(SETTING, role).text == usual
    assert ask(SETTING, role, max_block_size=17).text == "17\n"


def test_settings_in_the_text_are_gone_with_it(ask: Ask, usual: str) -> None:
    assert ask(f"{SETTING} SETTINGS max_block_size = 17").text == "17\n"
    assert ask(SETTING).text == usual


def test_an_inserts_own_settings_are_gone_with_it(ask: Ask, usual: str, table: str) -> None:
    insert = f"INSERT INTO {table} SETTINGS max_block_size = 17 FORMAT TSV"
    assert ask(insert, data="1\ta\n").status_code == 200
    assert ask(SETTING).text == usual


def test_parameters_are_gone_with_the_query(ask: Ask) -> None:
    assert ask("SELECT {given:String}", param_given="once").text == "once\n"
    assert ask("SELECT {given:String}").headers["X-ClickHouse-Exception-Code"] == "456"


def test_a_database_is_the_querys_own(ask: Ask) -> None:
    for _ in range(2):
        assert ask("SELECT currentDatabase()", database="ads").text == "ads\n"
        assert ask("SELECT currentDatabase()").text == "default\n"


def test_what_statements_set_is_gone_with_them(ask: Ask, usual: str) -> None:
    assert ask("SET max_block_size = 17").status_code == 200
    assert ask("USE ads").status_code == 200
    assert ask("CREATE TEMPORARY TABLE left_behind (id UInt8)").status_code == 200
    assert ask(SETTING).text == usual
    assert ask("SELECT currentDatabase()").text == "default\n"
    assert ask("SELECT * FROM left_behind").headers["X-ClickHouse-Exception-Code"] == "60"


def test_rights_are_those_of_the_user_who_asks(ask: Ask, table: str) -> None:
    for _ in range(2):
        assert ask(f"SELECT count() FROM {table}").text == "0\n"
        assert ask(f"SELECT count() FROM {table}", "writer").text == "0\n"
        assert ask(f"SELECT count() FROM {table}", "bi").headers["X-ClickHouse-Exception-Code"] == "497"
        assert ask("SELECT count() > 0 FROM system.users", "admin").text == "1\n"


def test_more_kinds_of_query_than_connections_are_kept(ask: Ask) -> None:
    for size in (*range(1, 3 * MAX_IDLE), *range(1, 3 * MAX_IDLE)):
        assert ask(SETTING, max_block_size=size).text == f"{size}\n"


def test_a_query_on_an_idle_connection_is_stopped_by_its_own_id(ask: Ask) -> None:
    assert ask("SELECT 1", query_id="before").text == "1\n"
    query = InBackground(ask, ENDLESS)
    wait_until(lambda: runs(ask, query.query_id))
    ask("KILL QUERY WHERE query_id = 'before'")
    assert runs(ask, query.query_id)
    ask(f"KILL QUERY WHERE query_id = '{query.query_id}'")
    assert query.code() == "394"
    assert ask("SELECT 1").text == "1\n"
