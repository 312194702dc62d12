"""Each role can do its work and nothing else."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace import schema
from tradewind.stack import postgres as server


@pytest.fixture(scope="module")
def cluster(postgres: RunningPostgres) -> RunningPostgres:
    schema.init(postgres.owner_url)
    return postgres


NOT_FOR_THE_CAPTURE = [
    "insert into users (country, registered_at) values ('TH', now())",
    "update orders set status = 'confirmed'",
    "delete from cdc.heartbeat",
    "update cdc.signal set data = 'x'",
    "create table mine (id int)",
    "create schema mine",
    "create temporary table mine (id int)",
    "select * from tradewind.schema_version",
    "select * from rules.order_transitions",
    "alter publication tradewind set (publish = 'insert')",
    "create publication mine",
    "drop publication tradewind",
    "copy orders to program 'cat'",
    "select pg_read_file('postgresql.conf')",
    "create role mine",
    "alter role tradewind_owner password 'x'",
    "set role tradewind_owner",
]
NOT_FOR_THE_APPLICATION = [
    "create table mine (id int)",
    "alter table orders disable trigger user",
    "truncate orders",
    "drop table orders",
    "insert into cdc.signal (id, type) values ('1', 'execute-snapshot')",
    "update cdc.heartbeat set beat_at = now()",
    "update rules.loyalty_tiers set min_points = 0",
    "select * from labels.attacks",
    "select * from labels.fraud_labels",
    "delete from labels.fraud_labels",
    "update tradewind.schema_version set checksum = ''",
    "create or replace function rules.refuse() returns trigger language plpgsql as 'begin return new; end'",
    "set session_replication_role = replica",
    "select pg_create_logical_replication_slot('mine', 'pgoutput')",
    "copy orders from program 'cat'",
    "set role tradewind_owner",
]


@pytest.mark.parametrize("statement", NOT_FOR_THE_CAPTURE)
def test_the_capture_may_not(cluster: RunningPostgres, statement: str) -> None:
    with (
        psycopg.connect(cluster.replication_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize("statement", NOT_FOR_THE_APPLICATION)
def test_the_application_may_not(cluster: RunningPostgres, statement: str) -> None:
    with psycopg.connect(cluster.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_the_capture_may_read_replicate_beat_and_signal(cluster: RunningPostgres) -> None:
    with psycopg.connect(cluster.replication_url, autocommit=True) as connection:
        connection.execute("select pg_create_logical_replication_slot('trial', 'pgoutput')")
        connection.execute("select pg_drop_replication_slot('trial')")
        connection.execute("select count(*) from orders")
        beat = (
            "insert into cdc.heartbeat values (1, now()) "
            "on conflict (heartbeat_id) do update set beat_at = excluded.beat_at"
        )
        connection.execute(beat.encode())
        connection.execute("insert into cdc.signal (id, type) values ('window', 'snapshot-window-open')")
        connection.execute("delete from cdc.signal where id = 'window'")


def test_the_capture_reads_tables_made_later(cluster: RunningPostgres) -> None:
    with psycopg.connect(cluster.owner_url, autocommit=True) as owner:
        owner.execute("create table made_later (id bigint primary key)")
        try:
            with psycopg.connect(cluster.replication_url) as connection:
                assert connection.execute("select count(*) from made_later").fetchone() == (0,)
        finally:
            owner.execute("drop table made_later")


def test_the_capture_cannot_copy_the_whole_cluster(cluster: RunningPostgres) -> None:
    url = cluster.replication_url
    refused = subprocess.run(
        [str(server.BINARIES / "pg_basebackup"), "-d", url, "-D", "-", "-X", "none", "-F", "tar"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert refused.returncode != 0
    assert "no pg_hba.conf entry for replication connection" in refused.stderr


def test_a_wrong_password_opens_nothing(cluster: RunningPostgres) -> None:
    wrong = server.url(server.OWNER, "wrong", cluster.port)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
