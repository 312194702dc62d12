"""From a commit in the source to bronze, through real Kafka."""

from __future__ import annotations

import json
import threading
from typing import Any

import psycopg

from tests.fixtures.kafka import KafkaShop, RunningKafka, wait_for
from tradewind.settings import Endpoint


def event(table: str, op: str = "c", schema: str = "public", lsn: int = 1, **row: Any) -> bytes:
    source = {
        "schema": schema, "table": table, "db": "shop", "lsn": lsn, "ts_ms": 1_750_000_000_000,
        "sequence": json.dumps([str(lsn), str(lsn)]), "snapshot": "false",
    }  # fmt: skip
    return json.dumps({"op": op, "before": None, "after": row, "source": source}).encode()


def rejected(kafka: RunningKafka) -> dict[str, str]:
    """Reason -> name of each dead letter."""
    return {letter.reason: letter.name for letter in kafka.connectors.dead_letters().pending()}


def discard_all(kafka: RunningKafka) -> None:
    letters = kafka.connectors.dead_letters()
    letters.discard(letters.pending())


def test_snapshot_changes_and_deletes_arrive(kafka: RunningKafka, kafka_shop: KafkaShop) -> None:
    kafka_shop.run("update orders set status = 'paid' where order_id <= 100")
    kafka_shop.run("delete from orders where order_id between 101 and 110")
    kafka_shop.run("insert into orders values (1000, 'new', 1, 'ü \"quoted\" \\ tab\t')")
    kafka.wait_until_captured()
    columns = ("status", "amount", "note")
    assert kafka_shop.state("orders", "order_id", *columns) == kafka_shop.source_state(
        "orders", "order_id", *columns
    )


def test_applying_again_changes_nothing_and_the_plan_is_empty(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    assert kafka.connectors.plan().is_empty
    before = kafka.connect.status("postgres-source")
    kafka.connectors.apply()
    assert kafka.connect.status("postgres-source") == before


def test_a_changed_property_and_a_deleted_topic_setting_are_planned_and_mended(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    secret = Endpoint(kafka.urls["DATABASE_REPLICATION_URL"]).password
    kafka.connect.patch_config("postgres-source", {"poll.interval.ms": "500", "database.password": secret})
    made = kafka.connectors.plan()
    (item,) = made.connectors
    assert item.action == "update"
    assert {(change.name, change.found, change.wanted) for change in item.changes} == {
        ("poll.interval.ms", "500", "5"),
        ("database.password", "********", "${env:TRADEWIND_SOURCE_PASSWORD}"),
    }
    assert secret not in repr(made)
    kafka.connectors.apply()
    assert kafka.connectors.plan().is_empty


def test_a_transaction_that_was_open_during_the_snapshot_wins_over_it(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    long = psycopg.connect(kafka_shop.owner_url)
    long.execute("update orders set status = 'begun before' where order_id = 1")

    def commit() -> None:
        long.commit()
        long.close()

    # A new slot waits for it, so its commit is what lets the snapshot begin.
    timer = threading.Timer(8, commit)
    timer.start()
    kafka.connectors.take_snapshot("postgres-source")
    timer.join()
    kafka.wait_until_captured()
    assert kafka_shop.state("orders", "order_id", "status") == kafka_shop.source_state(
        "orders", "order_id", "status"
    )


def test_rows_deleted_while_nothing_was_captured_are_gone_after_a_new_snapshot(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    kafka.wait_until_captured()
    kafka.connect.stop("postgres-source")
    kafka.connect.wait_until("postgres-source", "STOPPED", 30)
    kafka_shop.run("delete from orders where order_id between 200 and 210")
    kafka.connectors.take_snapshot("postgres-source")
    kafka.wait_until_captured()
    assert kafka_shop.state("orders", "order_id", "status") == kafka_shop.source_state(
        "orders", "order_id", "status"
    )


def test_a_new_table_gets_its_topic_its_change_log_and_its_route(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    kafka_shop.create_table("coupons", "coupon_id bigint primary key, code text")
    kafka_shop.run("insert into coupons select n, 'c' || n from generate_series(1, 50) as n")
    wait_for(lambda: "ecomm.cdc.coupons" in kafka.cluster.topics(), "the topic exists")
    wait_for(
        lambda: "coupons" in kafka.client().query("show tables from bronze").result_columns[0],
        "the change log exists",
    )
    kafka.wait_until_captured()
    assert kafka_shop.state("coupons", "coupon_id", "code") == kafka_shop.source_state(
        "coupons", "coupon_id", "code"
    )


def test_a_table_of_another_schema_has_a_topic_and_a_log_of_its_own(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    kafka_shop.run("create schema sales")
    kafka_shop.run("grant usage on schema sales to tradewind_cdc")
    kafka_shop.run("alter default privileges in schema sales grant select on tables to tradewind_cdc")
    kafka_shop.run("insert into cdc.captured_schemas values ('sales')")
    kafka_shop.run("create table sales.orders (order_id bigint primary key, status text)")
    kafka.connectors.apply()  # the connector's list of schemas has changed
    kafka_shop.run("insert into sales.orders values (1, 'of sales')")
    kafka.wait_until_captured()
    assert kafka_shop.state("sales.orders", "order_id", "status") == {"1": ("of sales",)}
    assert (
        kafka.client().command("select distinct _topic from bronze.`sales.orders`")
        == "ecomm.cdc.sales.orders"
    )
    assert "of sales" not in {
        status for (status,) in kafka_shop.state("orders", "order_id", "status").values()
    }


def test_a_table_whose_name_collides_is_refused_by_name_and_the_other_goes_on(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    kafka_shop.create_table('"sales orders"', "order_id bigint primary key, status text")
    refused = wait_for(lambda: kafka.landing and kafka.landing.refused, "the landing names it", 30)
    assert refused.keys() == {'public."sales orders"'}
    assert "collides with that of sales.orders" in refused['public."sales orders"']
    kafka.connectors.apply()  # the connector leaves it out
    kafka_shop.run("insert into \"sales orders\" values (1, 'of nobody')")
    kafka_shop.run("insert into sales.orders values (2, 'of sales')")
    kafka.wait_until_captured()
    assert kafka_shop.state("sales.orders", "order_id", "status").keys() == {"1", "2"}
    assert rejected(kafka) == {}
    kafka_shop.run('drop table "sales orders"')
    wait_for(lambda: kafka.landing and not kafka.landing.refused, "nothing is refused", 30)


def test_the_captures_own_logs_are_with_the_platforms_tables(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    kafka.wait_until_captured()
    assert kafka.client().query("select count() from ops.heartbeat where _op = 'u'").result_rows[0][0] > 0
    assert "heartbeat" not in kafka.client().query("show tables from bronze").result_columns[0]


def test_a_table_that_lacks_rows_is_named_until_a_snapshot_has_read_them(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    assert wait_for(lambda: kafka.landing and not kafka.landing.lacking, "the snapshot counts", 30)
    kafka_shop.run("alter table orders add column channel text default 'web'")
    lacking = wait_for(lambda: kafka.landing and kafka.landing.lacking, "the landing names it", 30)
    assert lacking == {"public.orders": "it has filled the new column channel"}
    kafka.connectors.take_snapshot("postgres-source")
    kafka.wait_until_captured()
    assert kafka_shop.state("orders", "order_id", "channel")["1"] == ("web",)
    wait_for(lambda: kafka.landing and not kafka.landing.lacking, "nothing is lacking", 30)


def test_poison_records_become_dead_letters_and_the_stream_goes_on(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:
    topic, key = "ecomm.cdc.orders", b'{"order_id":7}'
    kafka.produce(topic, None, event("orders", order_id=7), [("trace", b"\x00\xff")])
    kafka.produce(topic, key, b"\xff\xfe not utf-8")
    kafka.produce(topic, key, event("orders", order_id=7, note="x" * (17 * 1024 * 1024)))
    kafka.produce(topic, key, b'{"hello": "world"}')
    kafka.produce(topic, key, b"not json")
    kafka.produce(topic, key, event("customers", order_id=7))
    kafka.produce(topic, key, event("orders", schema="other", order_id=7))
    kafka.produce(topic, b"\xff\xfe", event("orders", order_id=7))
    kafka.produce(topic, key, None)
    kafka_shop.run("insert into orders values (2000, 'after poison', 1, '')")
    kafka.wait_until_captured()
    assert kafka_shop.state("orders", "order_id", "status")["2000"] == ("after poison",)
    reasons = wait_for(
        lambda: len(found := rejected(kafka)) >= 7 and found, "dead letters are in their topic"
    )
    assert set(reasons) == {
        "without a key, although its table has one",
        "value is not UTF-8",
        "larger than 16777216 bytes",
        "not a change envelope",
        "an event of public.customers, not of public.orders",
        "an event of other.orders, not of public.orders",
        "key is not UTF-8",
    }
    letters = kafka.connectors.dead_letters()
    unkeyed = letters.find(reasons["without a key, although its table has one"])
    assert unkeyed.record.key is None
    assert unkeyed.record.headers == [("trace", b"\x00\xff")]
    assert unkeyed.record.value == event("orders", order_id=7)
    assert letters.find(reasons["value is not UTF-8"]).record.value == b"\xff\xfe not utf-8"
    assert len(letters.find(reasons["larger than 16777216 bytes"]).record.value or b"") > 17 * 1024 * 1024
    assert kafka.client().command("select count() from ops.rejected_events") == 0
    discard_all(kafka)
    assert letters.pending() == []


def test_a_replayed_dead_letter_lands_once_its_cause_is_mended(
    kafka: RunningKafka, kafka_shop: KafkaShop
) -> None:

    kafka.produce("ecomm.cdc.coupons", b'{"coupon_id":9}', event("gifts", lsn=10**9, coupon_id=9))
    reasons = wait_for(lambda: rejected(kafka), "the dead letter")
    letters = kafka.connectors.dead_letters()
    letters.replay(letters.pending())
    again = wait_for(
        lambda: (found := rejected(kafka)) and list(found.values()) != list(reasons.values()) and found,
        "what is not mended is rejected again, under the name of its new place",
    )
    assert set(again) == {"an event of public.gifts, not of public.coupons"}
    discard_all(kafka)


def test_a_large_row_goes_through(kafka: RunningKafka, kafka_shop: KafkaShop) -> None:
    kafka_shop.run("insert into orders values (3000, 'large', 1, repeat(md5('x'), 100000))")  # 3.2 MB
    kafka.wait_until_captured()
    assert len(kafka_shop.state("orders", "order_id", "note")["3000"][0]) == 3_200_000
