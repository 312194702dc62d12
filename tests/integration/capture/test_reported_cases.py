"""What users of other pipelines reported as lost or wrong: hidden rows, messages, types made meanwhile."""

from __future__ import annotations

import psycopg

from application import health
from tests.integration.capture.conftest import Shop
from tests.integration.capture.test_capture_faults import wait_until


def note(shop: Shop) -> str:
    return health.capture(shop.capture.home / "capture", shop.capture.owner_url) or ""


def logs(shop: Shop) -> list[str]:
    return shop.query("select name from system.tables where database = 'bronze' order by name").split()


def as_superuser(shop: Shop, statement: str) -> None:
    with psycopg.connect(shop.capture.superuser_url, autocommit=True) as session:
        session.execute(statement.encode())


def test_a_table_with_row_level_security_is_refused_until_the_capture_may_read_it_whole(shop: Shop) -> None:
    shop.run(
        "create table secrets (id int primary key, tenant text)",
        "insert into secrets values (1, 'a'), (2, 'b')",
        "alter table secrets enable row level security",
        "create policy own on secrets using (tenant = current_user)",
    )
    shop.capture.start()
    wait_until(lambda: "public.secrets is not captured: row-level security hides rows" in note(shop))
    assert "secrets" not in logs(shop)
    as_superuser(shop, "alter role tradewind_cdc bypassrls")
    try:
        wait_until(lambda: "secrets" not in note(shop), timeout_seconds=30)
        wait_until(lambda: sorted(row["id"] for row in shop.state("secrets").values()) == [1, 2])
    finally:
        as_superuser(shop, "alter role tradewind_cdc nobypassrls")


def test_messages_that_programs_write_to_the_log_are_no_rows_of_a_table(shop: Shop) -> None:
    shop.run("create table things (id int primary key)")
    shop.capture.start()
    content = """{"source":{"schema":"public","table":"things","txId":1}}"""
    with shop.connect() as connection:
        connection.execute("select pg_logical_emit_message(true, 'outbox', %s::text)", (content,))
        connection.execute("insert into things values (1)")
        connection.execute("select pg_logical_emit_message(false, 'outbox', 'at once')")
    assert [event["_op"] for event in shop.events("things")] == ["c"]
    assert logs(shop) == ["things"]


def test_values_of_types_made_while_streaming_are_exact(shop: Shop) -> None:
    shop.run("create table before (id int primary key)")
    shop.capture.start()
    shop.run(
        "create type mood as enum ('good')",
        "create domain amount as numeric(10, 2) check (value >= 0)",
        "create table feelings (id int primary key, mood mood, moods mood[], amount amount)",
        "insert into feelings values (1, 'good', '{good}', 1.5)",
        "alter type mood add value 'so-so'",
        "insert into feelings values (2, 'so-so', '{good,so-so}', 2.25)",
        "alter type mood rename value 'good' to 'fine'",
        "insert into feelings values (3, 'fine', '{fine}', 3)",
    )
    assert sorted(shop.state("feelings").values(), key=lambda row: row["id"]) == [
        {"id": 1, "mood": "fine", "moods": ["fine"], "amount": "1.50"},
        {"id": 2, "mood": "so-so", "moods": ["fine", "so-so"], "amount": "2.25"},
        {"id": 3, "mood": "fine", "moods": ["fine"], "amount": "3.00"},
    ]


def test_what_a_rolled_back_savepoint_did_is_not_captured(shop: Shop) -> None:
    shop.run("create table things (id int primary key, note text)")
    shop.capture.start()
    with shop.connect() as connection:
        connection.execute("insert into things values (1, 'kept')")
        with connection.transaction(force_rollback=True):
            connection.execute("insert into things values (2, 'gone')")
            connection.execute("update things set note = 'gone' where id = 1")
        connection.execute("insert into things values (3, 'kept')")
    assert {row["id"]: row["note"] for row in shop.state("things").values()} == {1: "kept", 3: "kept"}
