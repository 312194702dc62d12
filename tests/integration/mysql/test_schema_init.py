"""`schema.init` on a MySQL-family server: repeatable, completing, strict about what it finds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.mariadb import RunningMariadb
from tests.integration.marketplace.test_schema_init import TABLES
from tradewind.marketplace import schema
from tradewind.marketplace.mysql.bulk import bulk_load
from tradewind.marketplace.mysql.init import FOLDER
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.source.errors import LoadError
from tradewind.source.mysql.connection import MysqlError, connect, rows, run_all


def test_a_second_init_changes_nothing(shop: RunningMariadb) -> None:
    report = schema.init(shop.url("owner"))
    assert report.applied == ()
    assert len(report.unchanged) == len(list(FOLDER.glob("*/*.sql")))
    assert report.notes == ()


def test_changed_rules_are_applied_again_and_keep_the_data(shop: RunningMariadb) -> None:
    with connect(shop.url("owner")) as connection:
        run_all(
            connection, "update tradewind.schema_version set checksum = 'old' where file like 'rules/02%'"
        )
        before = rows(connection, "select count(*) from orders")
    report = schema.init(shop.url("owner"))
    assert "rules/020_orders.sql" in report.applied
    assert not any(name.startswith("tables/") for name in report.applied)
    with connect(shop.url("owner")) as connection:
        assert rows(connection, "select count(*) from orders") == before
        assert rows(connection, "select * from violations") == []


def test_every_file_can_be_applied_again(shop: RunningMariadb) -> None:
    """An init that failed half way is completed by repeating it."""
    with connect(shop.url("owner")) as connection:
        run_all(connection, "delete from tradewind.schema_version")
    assert len(schema.init(shop.url("owner")).applied) == len(list(FOLDER.glob("*/*.sql")))
    with connect(shop.url("owner")) as connection:
        assert rows(connection, "select * from violations") == []
        assert rows(connection, "select count(*) from rules.order_transitions") == [(11,)]


ONLY_FOR_POSTGRESQL = {
    # MySQL's types hold neither NaN nor infinity.
    "rules/015_finite_values.sql",
    # Here in deploy/mysql/accounts.sql.
    "rules/090_grants.sql",
}


def test_the_files_are_named_as_postgresqls() -> None:
    ours = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.sql")}
    theirs = {str(path.relative_to(schema.FOLDER)) for path in schema.FOLDER.glob("*/*.sql")}
    assert theirs - ours == ONLY_FOR_POSTGRESQL
    assert ours - theirs == set()


def test_one_row_in_each_table_is_one_row_in_each_table(shop: RunningMariadb) -> None:
    with connect(shop.url("app")) as connection:
        empty = [name for name in TABLES if not rows(connection, f"select 1 from {name} limit 1")]
    assert empty == []


@pytest.fixture
def emptied(mariadb: RunningMariadb) -> Iterator[RunningMariadb]:
    mariadb.empty()
    yield mariadb
    mariadb.empty()
    schema.init(mariadb.url("owner"))


def test_a_changed_table_file_is_refused_by_name(emptied: RunningMariadb) -> None:
    schema.init(emptied.url("owner"))
    with connect(emptied.url("owner")) as connection:
        run_all(
            connection,
            "update tradewind.schema_version set checksum = 'old' where file = 'tables/060_orders.sql'",
        )
    with pytest.raises(schema.SchemaError, match=r"tables/060_orders\.sql has changed"):
        schema.init(emptied.url("owner"))


def test_a_failing_file_is_named_and_init_goes_on_from_there(emptied: RunningMariadb) -> None:
    with connect(emptied.url("owner")) as connection:
        run_all(connection, "create table violations (mine integer)")
    with pytest.raises(schema.SchemaError, match=r"rules/080_violations\.sql failed: .*violations"):
        schema.init(emptied.url("owner"))
    with connect(emptied.url("owner")) as connection:
        run_all(connection, "drop table violations")
    assert schema.init(emptied.url("owner")).applied == ("rules/080_violations.sql",)
    with connect(emptied.url("owner")) as connection:
        assert rows(connection, "select count(*) from violations") == [(0,)]


def test_a_load_into_a_database_without_the_schema_says_what_to_run(emptied: RunningMariadb) -> None:
    with (
        pytest.raises(LoadError, match="has no shop schema; run `tradewind source init` first"),
        bulk_load(emptied.url("owner")),
    ):
        pytest.fail("a load began without tables")


def test_a_database_of_another_name_is_refused_with_the_way_out(mariadb: RunningMariadb) -> None:
    with pytest.raises(schema.SchemaError, match="let the address end in /ecomm"):
        schema.init(mariadb.url("owner", "shop"))


def test_an_unreachable_server_is_one_clear_line(mariadb: RunningMariadb) -> None:
    wrong = re.sub(r":[^:@]+@", ":wrong@", mariadb.url("owner"))
    with pytest.raises(MysqlError, match="refuses a connection of 'tradewind_owner': Access denied"):
        schema.init(wrong)
    with pytest.raises(MysqlError, match=r"127\.0\.0\.1:1/ecomm refuses a connection"):
        schema.init("mysql://tradewind_owner:x@127.0.0.1:1/ecomm")


def source_init(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "application.cli", "source", "init", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=PROJECT_ROOT,
    )


def test_the_command_takes_an_address_of_either_family(shop: RunningMariadb) -> None:
    """Nothing else of the stack needs to be there."""
    done = source_init("--url", shop.url("owner"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"0 files applied, {len(list(FOLDER.glob('*/*.sql')))} unchanged\n"
    refused = source_init("--url", shop.url("owner", "shop"))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "let the address end in /ecomm" in refused.stderr


def test_the_command_finds_the_address_in_the_settings(shop: RunningMariadb, tmp_path: Path) -> None:
    unused = {name.upper(): "http://unused.invalid:1/" for name in Settings.model_fields}
    addresses = unused | {"DATABASE_URL": shop.url("owner"), "TRADEWIND_HOME": str(tmp_path)}
    done = source_init(**addresses)
    assert done.returncode == 0, done.stderr
    assert "unchanged" in done.stdout
