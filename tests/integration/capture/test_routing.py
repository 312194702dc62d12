"""A table's events land in the table's own log, whatever its name was made into."""

from __future__ import annotations

import pytest

from application import health
from connectors.feeds.change_log import prepare_feeds
from tests.integration.capture.conftest import Shop
from tests.integration.capture.test_capture_faults import wait_until
from tradewind.warehouse import bronze, feeds
from tradewind.warehouse.bronze import LogTable
from tradewind.warehouse.migration import move_platform_logs

VISITS = ("create table user_events (event_id bigint primary key, note text)",)


def note(shop: Shop) -> str:
    """The note on the capture in `tradewind status`."""
    return health.capture(shop.capture.home / "capture", shop.capture.owner_url) or ""


def test_a_truncate_of_a_table_with_a_similar_name_leaves_the_other_alone(shop: Shop) -> None:
    shop.run(*VISITS, "insert into user_events select n, 'visit' from generate_series(1, 10000) n")
    shop.capture.start()
    assert note(shop) == ""
    shop.run(
        'create table "user events" (event_id bigint primary key, note text)',
        "insert into \"user events\" values (1, 'a'), (2, 'b')",
        'truncate "user events"',
        "insert into user_events values (10001, 'later')",
    )
    assert len(shop.state("user_events")) == 10_001
    assert shop.query("select uniqExact(_op) from bronze.user_events") == "2\n"
    assert shop.query("select count() from system.tables where name = 'user events'") == "0\n"
    wait_until(lambda: note(shop) != "")
    assert 'public."user events" is not captured' in note(shop)
    assert "public.user_events" in note(shop) and "source exclude" in note(shop)
    assert 'public."user events" is not captured' in shop.capture.log


def test_a_refused_table_stays_refused_after_a_restart(shop: Shop) -> None:
    shop.run(
        'create table "user events" (event_id bigint primary key)', 'insert into "user events" values (1)'
    )
    shop.capture.start()
    assert len(shop.state("user_events")) == 1, "alone, its log may have that name"
    shop.run("create table user_events (event_id bigint primary key)", "insert into user_events values (7)")
    shop.capture.wait_until_caught_up()
    shop.capture.stop()
    shop.capture.start()
    assert "public.user_events is not captured" in note(shop)
    assert list(shop.state("user_events")) == ['{"event_id":1}']


def test_colliding_tables_are_named_before_the_first_event_lands(shop: Shop) -> None:
    shop.run(
        'create table "user-events!" (event_id bigint primary key)',
        'create table "user-events?" (event_id bigint primary key)',
        'insert into "user-events!" values (1)',
        'insert into "user-events?" values (2)',
        "create table others (id bigint primary key)",
        "insert into others values (5)",
    )
    shop.capture.start()
    assert len(shop.state("others")) == 1
    assert 'public."user-events!" is not captured' in note(shop)
    assert 'public."user-events?" is not captured' in note(shop)
    assert shop.query("select count() from system.tables where name like 'user-events%'") == "0\n"


@pytest.mark.parametrize("name", ["order-archive", "user events", "Größe", "🛒 cart", "42"])
def test_a_table_of_any_name_is_captured_into_its_own_log(shop: Shop, name: str) -> None:
    log = {"user events": "user_events", "Größe": "Gr__e", "🛒 cart": "___cart"}.get(name, name)
    shop.run(f'create table "{name}" (id bigint primary key)', f'insert into "{name}" values (1)')
    shop.capture.start()
    shop.run(f'insert into "{name}" values (2)')
    assert len(shop.state(log)) == 2


def test_tables_named_as_the_platforms_own_keep_apart_from_them(shop: Shop) -> None:
    names = ("heartbeat", "signal", "feed_geography", "geography")
    for name in names:
        shop.run(f"create table {name} (id bigint primary key)", f"insert into {name} values (1)")
    prepare_feeds(shop.warehouse.client("admin"))
    shop.capture.start()
    for name in names:
        shop.run(f"insert into {name} values (2)")
        assert [event["payload"]["source"]["schema"] for event in shop.events(name)] == ["public"] * 2
    assert shop.query("select count() from feeds.geography") == "0\n"
    assert int(shop.query("select count() from ops.heartbeat")) > 0
    assert shop.query('select count() from ops.heartbeat where payload like \'%"schema":"public"%\'') == "0\n"


@pytest.fixture
def old_home(shop: Shop) -> Shop:
    """A warehouse as an older version left it: feeds and heartbeats in `bronze`."""
    client = shop.warehouse.client("admin")
    events = {
        "heartbeat": ['{"op":"u","source":{"schema":"cdc","table":"heartbeat"}}'] * 3,
        "signal": [],
        "feed_geography": ['{"op":"c","source":{"connector":"feed"}}'],
        "feed_ip_reputation": [
            '{"op":"c","source":{"connector":"feed"}}',
            '{"op":"c","source":{"connector":"postgresql","schema":"public"}}',
        ],
        "orders": ['{"op":"c","source":{"schema":"public"}}'],
    }
    for table, payloads in events.items():
        client.command(bronze.create_table(table))
        client.insert(table, [[payload] for payload in payloads], ["payload"], database="bronze")
    return shop


def test_an_older_home_gets_its_databases_apart_and_loses_nothing(old_home: Shop) -> None:
    client = old_home.warehouse.client("admin")
    for _ in range(2):
        move_platform_logs(client)
        count = {
            log: int(str(client.command(f"select count() from {log}")))
            for log in map(
                str, (*map(feeds.log_of, ("geography", "ip_reputation")), LogTable("ops", "heartbeat"))
            )
        }
        assert list(count.values()) == [1, 1, 3]
        left = old_home.query(
            "select name, total_rows from system.tables where database = 'bronze' order by name"
        )
        assert left == "feed_ip_reputation\t1\norders\t1\n"
    old_home.capture.start()
    old_home.capture.wait_until_caught_up()


def test_an_interrupted_move_is_finished(old_home: Shop) -> None:
    client = old_home.warehouse.client("admin")
    client.command(bronze.create_table(feeds.log_of("geography")))
    move_platform_logs(client)
    assert old_home.query("select count() from feeds.geography") == "1\n"
    assert old_home.query("exists table bronze.feed_geography") == "0\n"


def test_a_table_in_the_captures_own_schema_is_refused(shop: Shop) -> None:
    shop.capture.start()
    shop.run("create table cdc.orders (id bigint primary key)", "insert into cdc.orders values (1)")
    shop.capture.wait_until_caught_up()
    assert shop.query("select count() from system.tables where database = 'bronze'") == "0\n"
    wait_until(lambda: "cdc.orders is not captured: the schema cdc" in note(shop))
