"""Seeding a real PostgreSQL: exact, all or nothing, the same everywhere, and one line for what cannot be."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from simulator.checksums import checksums
from simulator.plan import make_plan
from simulator.seed import SeedReport, seed
from tests.fixtures.postgres import RunningPostgres
from tests.integration.marketplace.conftest import Shop
from tradewind.marketplace import schema
from tradewind.marketplace.loaders import olist
from tradewind.source.errors import LoadError
from tradewind.source.owner import DatabaseUnreachable

UNTIL = dt.date(2026, 1, 10)
PLAN = make_plan("small", 1, None, UNTIL, UNTIL)
GOLDEN = {
    "users": "500:b0a74a81ba0d2c84",
    "product_skus": "600:168e0b8fa3990518",
    "orders": "2000:c7e638f2a93c9629",
    "order_items": "6026:4987ed438b3d8848",
    "payments": "1377:958c5fcc5426b6fe",
    "inventory_log": "9994:d81dd8b2ca732a70",
    "user_events": "10000:60a746ff2a727ba7",
    "cart_items": "406:6278cc4ba7e66683",
    "payouts": "3418:61ffccd0d3bf4458",
    "payout_lines": "7657:beeb52a9ed2692c3",
    "fraud_cases": "16:67134cc6e6577161",
    "sku_price_history": "1113:c66cde15badbd92c",
    "seller_contract_history": "69:56a8b80eb6daa734",
    "customer_tier_history": "552:4b6eac103717df1b",
    "labels.fraud_labels": "23:bdcf64407ca6a9a7",
}
"""Checksums of some tables of this plan; they change only with the simulator or the schema."""
SCHEMA = """
    select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text
    from pg_constraint where connamespace in ('public'::regnamespace, 'labels'::regnamespace)
    union all
    select 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), ''
    from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace in ('public'::regnamespace, 'labels'::regnamespace)
    union all
    select 'trigger', tgrelid::regclass::text, tgname, '', tgenabled::text
    from pg_trigger where not tgisinternal
    order by 1, 2, 3
"""


@pytest.fixture
def empty(new_database: Callable[[], Shop]) -> Shop:
    """A shop with tables and rules, and no rows."""
    made = new_database()
    schema.init(made.owner_url)
    return made


@pytest.fixture(scope="module")
def seeded(new_database: Callable[[], Shop]) -> tuple[Shop, SeedReport]:
    """The small shop."""
    made = new_database()
    schema.init(made.owner_url)
    return made, seed(made.owner_url, PLAN)


def ask(shop: Shop, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(shop.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "application.cli", "source", *words]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, timeout=120, check=False)


def test_every_rule_holds(seeded: tuple[Shop, SeedReport]) -> None:
    assert ask(seeded[0], "select * from rules.violations()") == []


def test_the_report_says_what_is_there(seeded: tuple[Shop, SeedReport]) -> None:
    shop, report = seeded
    assert report.rows["orders"] == 2_000 and report.rows["user_events"] == 10_000
    found = {name: int(text.split(":")[0]) for name, text in checksums(shop.owner_url).items()}
    assert found == report.rows
    assert "small, seed 1, 2025-01-10 up to 2026-01-10" in report.summary()


def test_keys_indexes_and_triggers_are_as_before(seeded: tuple[Shop, SeedReport], empty: Shop) -> None:
    assert ask(seeded[0], SCHEMA) == ask(empty, SCHEMA)


def test_the_shop_goes_on_where_the_history_ends(seeded: tuple[Shop, SeedReport]) -> None:
    """Identities continue, in the labels too, and the rules work again."""
    with psycopg.connect(seeded[0].app_url) as connection:
        user = connection.execute(
            "insert into users (country, registered_at) values ('TH', now()) returning user_id"
        ).fetchone()
        connection.execute(
            "insert into labels.attacks (attack_kind, started_at, ended_at) values ('velocity', now(), now())"
        )
        attack = connection.execute(
            "select currval(pg_get_serial_sequence('labels.attacks', 'attack_id'))"
        ).fetchone()
        assert user == (501,) and attack == (6,)
        with pytest.raises(psycopg.errors.CheckViolation, match="cannot go from delivered to paid"):
            connection.execute("update orders set status = 'paid' where status = 'delivered'")
        connection.rollback()


def test_money_and_stock_are_exact(seeded: tuple[Shop, SeedReport]) -> None:
    shop = seeded[0]
    assert ask(
        shop,
        "select count(*) from orders where total_amount <> "
        "subtotal_amount - discount_amount + shipping_amount + tax_amount",
    ) == [(0,)]
    assert ask(
        shop,
        "select count(*) from (select order_id, sum(refund_amount) as back from order_returns group by 1) r "
        "where back > (select coalesce(sum(amount), 0) from payments p "
        "where p.order_id = r.order_id and status = 'captured')",
    ) == [(0,)]
    assert ask(shop, "select sum(quantity) from inventory") == ask(
        shop, "select sum(quantity_change) from inventory_log"
    )
    assert ask(shop, "select count(distinct currency), count(distinct rate_date) from fx_rates") == [(7, 365)]


def test_the_past_is_written_when_it_happened(seeded: tuple[Shop, SeedReport]) -> None:
    """No row was made or changed after the end of the history, and none changed before it was made."""
    shop = seeded[0]
    columns = ask(
        shop,
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'public' and column_name in ('created_at', 'updated_at')",
    )
    assert len(columns) > 45
    for table, column in columns:
        assert ask(shop, f"select count(*) from {table} where {column} >= '2026-01-10 00:00:03Z'") == [
            (0,)
        ], table
    for table, column in columns:
        if column == "updated_at":
            assert ask(shop, f"select count(*) from {table} where updated_at < created_at") == [(0,)], table


def test_labels_are_neither_captured_nor_readable_by_the_capture(seeded: tuple[Shop, SeedReport]) -> None:
    shop = seeded[0]
    assert ask(shop, "select count(*) from labels.fraud_labels where order_id is not null") != [(0,)]
    assert ask(shop, "select * from pg_publication_tables where schemaname = 'labels'") == []
    with psycopg.connect(shop.replication_url) as connection:
        for table in ("attacks", "fraud_labels"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from labels.{table}")
            connection.rollback()


def test_the_embedded_databases_publication_leaves_the_labels_out(postgres: RunningPostgres) -> None:
    """There the publication names schemas, so a new table of theirs would be in it by itself."""
    schema.init(postgres.owner_url)
    with psycopg.connect(postgres.owner_url) as connection:
        found = connection.execute(
            "select distinct schemaname from pg_publication_tables order by 1"
        ).fetchall()
    assert found == [("cdc",), ("public",)]


def test_the_same_plan_gives_the_same_checksums_with_two_workers(
    seeded: tuple[Shop, SeedReport], empty: Shop
) -> None:
    seed(empty.owner_url, PLAN, workers=2)
    once, again = checksums(seeded[0].owner_url), checksums(empty.owner_url)
    assert again == once
    assert {name: once[name] for name in GOLDEN} == GOLDEN


def test_a_changed_value_changes_its_tables_checksum_only(empty: Shop) -> None:
    before = checksums(empty.owner_url)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute("insert into users (country, registered_at) values ('TH', '2026-01-01')")
    after = checksums(empty.owner_url)
    assert {name for name in after if after[name] != before[name]} == {"users"}


def test_a_shop_with_rows_is_refused_and_left_alone(seeded: tuple[Shop, SeedReport]) -> None:
    before = checksums(seeded[0].owner_url)
    with pytest.raises(LoadError, match="already holds data"):
        seed(seeded[0].owner_url, PLAN)
    assert checksums(seeded[0].owner_url) == before


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_seed_leaves_nothing_and_can_be_repeated(empty: Shop, how: signal.Signals) -> None:
    before = ask(empty, SCHEMA)
    seeding = subprocess.Popen(
        command("seed", "--size", "medium", "--url", empty.owner_url), stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: copies_of(empty, "order_items") or seeding.poll() is not None)
    os.kill(seeding.pid, how)
    _, said = seeding.communicate(timeout=60)
    assert seeding.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in said
    wait_until(lambda: not others(empty))
    assert {text.split(":")[0] for text in checksums(empty.owner_url).values()} == {"0"}
    assert ask(empty, SCHEMA) == before
    assert seed(empty.owner_url, PLAN).rows["orders"] == 2_000


def others(shop: Shop) -> list[tuple[object, ...]]:
    """What other connections to this database are doing."""
    return ask(
        shop,
        "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend'",
    )


def copies_of(shop: Shop, table: str) -> bool:
    return any(table in str(query) and "copy" in str(query) for (query,) in others(shop))


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "waited a minute for nothing"
        time.sleep(0.01)


def test_the_command_line_seeds_and_shows_checksums(empty: Shop) -> None:
    words = ("--size", "small", "--seed", "1", "--until", "2026-01-10", "--url", empty.owner_url)
    report = json.loads(run("seed", *words, "--json").stdout)
    assert report["rows"]["orders"] == 2_000
    assert (report["first_day"], report["until"]) == ("2025-01-10", "2026-01-10")
    shown = json.loads(run("checksums", "--url", empty.owner_url, "--json").stdout)
    assert shown == checksums(empty.owner_url)
    again = run("seed", *words)
    assert again.returncode == 1 and "already holds data" in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--size", "tiny"), "unknown size 'tiny'; there are small, medium, large"),
        (("--days", "-1"), "-1 days are too few"),
        (("--until", "10.1.2026"), "is not a day; write it as 2026-01-31"),
        (("--until", "2999-01-01"), "after today"),
        (("--until", "2020-01-02"), "would start before 2020-01-01"),
        (("--workers", "0"), "at least 1 is needed"),
        (("--url", "postgresql://nobody@127.0.0.1:1/nowhere"), "not reachable"),
    ],
)
def test_what_cannot_be_is_one_clear_line(words: tuple[str, ...], complaint: str) -> None:
    done = run("seed", *words)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and done.stderr.startswith("error: ")


NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"


NOT_REACHABLE = (
    "the shop's database at 127.0.0.1:1/nowhere is not reachable: Connection refused; "
    "start it with `tradewind up`, or correct DATABASE_URL or --url"
)


@pytest.mark.parametrize("word", ["init", "checksums", "seed"])
def test_a_database_that_does_not_answer_is_one_line_for_every_command(word: str) -> None:
    done = run(word, "--url", NOWHERE)
    assert done.returncode == 1
    assert done.stderr == f"error: {NOT_REACHABLE}\n"


def test_a_database_that_does_not_answer_is_one_line_for_a_load(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable) as refused:
        olist.load(NOWHERE, tmp_path)
    assert str(refused.value) == NOT_REACHABLE


def test_a_shop_in_use_is_told_no_without_being_held_up(seeded: tuple[Shop, SeedReport]) -> None:
    with psycopg.connect(seeded[0].app_url) as buyer:
        buyer.execute("update users set language = 'th' where user_id = 1")
        with pytest.raises(LoadError, match="already holds data"):
            seed(f"{seeded[0].owner_url}?options=-clock_timeout%3D5s", PLAN)
        buyer.rollback()


def test_a_database_without_tables_says_what_to_do(new_database: Callable[[], Shop]) -> None:
    done = run("seed", "--url", new_database().owner_url)
    assert done.returncode == 1 and "run `tradewind source init` first" in done.stderr
