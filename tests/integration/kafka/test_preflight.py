"""The look at a source: each problem is named, and the statement that it prints mends it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from connectors.kafka.preflight import check
from tests.fixtures.capture import source_for_capture
from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tradewind.source.mysql.connection import connect, run_all

DATABASE = "preflight"


class Source:
    def __init__(self, postgres: RunningPostgres) -> None:
        self.superuser_url = postgres.superuser_url.replace("/ecomm", f"/{DATABASE}")
        self.url = postgres.replication_url.replace("/ecomm", f"/{DATABASE}")

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def errors(self) -> list[str]:
        return [finding.what for finding in check(self.url) if finding.is_error]

    def mend(self) -> None:
        """Run what is printed for each error."""
        for finding in check(self.url):
            if finding.is_error:
                self.run(finding.remedy)


@pytest.fixture(scope="module")
def source(postgres: RunningPostgres) -> Iterator[Source]:
    source_for_capture(postgres, DATABASE)
    found = Source(postgres)
    found.run("create table orders (order_id bigint primary key)", "alter table orders replica identity full")
    found.run("grant select on orders to tradewind_cdc")
    yield found
    found.run("alter role tradewind_cdc replication")


def test_a_source_in_order_has_no_error(source: Source) -> None:
    assert source.errors() == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (  # a replica's session runs none of the triggers that would mend it at once
            "set session_replication_role = replica; alter table orders replica identity default",
            "public.orders does not log whole rows",
        ),
        ("revoke select on orders from tradewind_cdc", "role tradewind_cdc may not read public.orders"),
        (
            "revoke update on cdc.heartbeat from tradewind_cdc",
            "role tradewind_cdc may not write the heartbeat",
        ),
        ("alter role tradewind_cdc noreplication", "role tradewind_cdc may not replicate"),
    ],
)
def test_a_problem_is_named_and_its_statement_mends_it(source: Source, statement: str, problem: str) -> None:
    source.run(statement)
    assert source.errors() == [problem]
    source.mend()
    assert source.errors() == []


def test_a_missing_publication_is_named(source: Source) -> None:
    source.run("drop publication tradewind")
    assert source.errors() == ["there is no publication tradewind"]
    source.run("create publication tradewind for tables in schema public, cdc")
    assert source.errors() == []


def test_a_database_that_lets_nobody_in_is_one_error(source: Source) -> None:
    (finding,) = check(source.url.replace("tradewind_cdc:", "tradewind_cdc:wrong"))
    assert finding.is_error and "password authentication failed" in finding.what


def test_mariadb_in_order_has_no_error_and_a_missing_privilege_is_named_and_mended(
    mariadb: RunningMariadb,
) -> None:
    mariadb.empty()
    url = mariadb.url("cdc")
    assert [finding.what for finding in check(url) if finding.is_error] == []
    with connect(mariadb.url("root", "mysql")) as root:
        run_all(root, "revoke reload on *.* from tradewind_cdc@'%'")
        (finding,) = [finding for finding in check(url) if finding.is_error]
        assert "take a consistent snapshot" in finding.what
        run_all(root, finding.remedy)
    assert [finding.what for finding in check(url) if finding.is_error] == []


def test_a_log_that_is_kept_too_short_is_a_risk_with_its_remedy(mariadb: RunningMariadb) -> None:
    with connect(mariadb.url("root", "mysql")) as root:
        run_all(root, "set global binlog_expire_logs_seconds = 3600")
        (risk,) = check(mariadb.url("cdc"))
        assert not risk.is_error and "kept for 0.0 days" in risk.what
        run_all(root, risk.remedy)
    assert check(mariadb.url("cdc")) == []
