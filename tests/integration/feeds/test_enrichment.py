"""Addresses of the clickstream are looked up once and landed in bronze."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from clickhouse_connect.driver.client import Client

from connectors.feeds.enrichment import DEVICES, IPS, Enrichment, enrich
from connectors.feeds.errors import FeedError
from connectors.feeds.reputation import ReputationClient, RetryPolicy
from simulator.network import describe, device_fingerprint, ip_address
from tests.fixtures.warehouse import RunningWarehouse, free_port
from tests.integration.feeds.conftest import RunningReputation
from tradewind.warehouse import bronze

HOME, TOR = ip_address(1, "TH", "residential"), ip_address(2, "US", "tor")


@pytest.fixture
def events(client: Client, warehouse: RunningWarehouse) -> Client:
    """An empty clickstream, and no orders."""
    admin = warehouse.client("admin")
    for table in ("user_events", "orders"):
        admin.command(f"drop table if exists bronze.{table} sync")
        admin.command(bronze.create_table(table))
    return client


def visit(client: Client, *ips: str | None) -> None:
    """One event per address arrives."""
    rows = [
        ("ecomm.cdc.user_events", 0, number, 0, json.dumps({"event_id": number}), _event(ip))
        for number, ip in enumerate(ips)
    ]
    client.insert("user_events", rows, list(bronze.WRITTEN_COLUMNS), database="bronze")
    client.command("select sleep(0.01)")


def _event(ip: str | None) -> str:
    return json.dumps({"op": "c", "after": {"ip_address": ip}, "source": {"lsn": 1}})


def landed(client: Client) -> dict[str, dict[str, object]]:
    """The newest answer per address."""
    found = client.query("select argMax(payload, _position) from feeds.ip_reputation group by _key")
    rows = [json.loads(payload)["after"] for (payload,) in found.result_rows]
    return {row["ip_address"]: row for row in rows}


def test_addresses_seen_are_landed_with_what_the_service_knows(
    events: Client, reputation: RunningReputation
) -> None:
    visit(events, HOME, TOR, HOME, None, "")
    with ReputationClient(reputation.url) as service:
        assert enrich(events, service, IPS) == Enrichment(asked=2, landed=2, unknown=0)
    rows = landed(events)
    assert rows.keys() == {HOME, TOR}
    assert rows[TOR]["is_tor"] is True
    assert rows[TOR]["country"] == "US"
    assert rows[HOME]["network_kind"] == "residential"
    assert rows[HOME]["risk_score"] == f"{describe(HOME).risk_score:.4f}"


def test_a_second_run_looks_up_only_new_addresses(events: Client, reputation: RunningReputation) -> None:
    visit(events, HOME)
    with ReputationClient(reputation.url) as service:
        enrich(events, service, IPS)
        assert enrich(events, service, IPS).asked == 0
        visit(events, HOME, TOR)
        assert enrich(events, service, IPS) == Enrichment(asked=1, landed=1, unknown=0)
    assert int(events.command("select count() from feeds.ip_reputation")) == 2  # type: ignore[arg-type]


def test_only_events_that_arrived_since_the_last_run_are_read(
    events: Client, reputation: RunningReputation
) -> None:
    with ReputationClient(reputation.url) as service:
        enrich(events, service, IPS)
        events.command(
            "insert into bronze.user_events (_topic, payload, _ingested_at) "
            "values ('t', {old:String}, now64(3) - interval 11 minute), "
            "('t', {new:String}, now64(3) - interval 9 minute)",
            parameters={"old": _event(HOME), "new": _event(TOR)},
        )
        enrich(events, service, IPS)
    assert landed(events).keys() == {TOR}


def test_an_old_answer_is_looked_up_again_and_the_newer_one_counts(
    events: Client, reputation: RunningReputation
) -> None:
    visit(events, HOME)
    with ReputationClient(reputation.url) as service:
        enrich(events, service, IPS)
        first = landed(events)[HOME]["looked_up_at"]
        assert enrich(events, service, IPS, max_age=timedelta(0)).landed == 1
    assert str(landed(events)[HOME]["looked_up_at"]) > str(first)


def test_a_malformed_address_is_counted_and_not_landed(events: Client, reputation: RunningReputation) -> None:
    visit(events, "unknown", HOME)
    with ReputationClient(reputation.url) as service:
        assert enrich(events, service, IPS) == Enrichment(asked=2, landed=1, unknown=1)


def test_a_failed_run_is_repeated_by_the_next(events: Client, reputation: RunningReputation) -> None:
    visit(events, HOME)
    closed = f"http://feeds:key@127.0.0.1:{free_port()}/"
    with ReputationClient(closed, RetryPolicy(attempts=1)) as service, pytest.raises(FeedError):
        enrich(events, service, IPS)
    with ReputationClient(reputation.url) as service:
        assert enrich(events, service, IPS).landed == 1


def test_more_addresses_than_a_batch_are_landed_despite_failures(
    events: Client, unreliable: RunningReputation
) -> None:
    ips = [ip_address(number, "VN", "mobile") for number in range(1_000)]
    visit(events, *ips)
    with ReputationClient(unreliable.url, RetryPolicy(timeout_seconds=1)) as service:
        assert enrich(events, service, IPS).landed == 1_000
    assert landed(events).keys() == set(ips)


def test_addresses_of_orders_are_looked_up_too(events: Client, reputation: RunningReputation) -> None:
    order = ("ecomm.cdc.orders", 0, 0, 0, "{}", _event(TOR))
    events.insert("orders", [order], list(bronze.WRITTEN_COLUMNS), database="bronze")
    events.command("select sleep(0.01)")
    with ReputationClient(reputation.url) as service:
        assert enrich(events, service, IPS).landed == 1
    assert landed(events).keys() == {TOR}


def test_devices_are_looked_up_independently(events: Client, reputation: RunningReputation) -> None:
    headless = device_fingerprint(3, "headless")
    payload = json.dumps({"op": "c", "after": {"device_fingerprint": headless, "ip_address": HOME}})
    event = ("ecomm.cdc.user_events", 0, 0, 0, "{}", payload)
    events.insert("user_events", [event], list(bronze.WRITTEN_COLUMNS), database="bronze")
    events.command("select sleep(0.01)")
    with ReputationClient(reputation.url) as service:
        assert enrich(events, service, DEVICES) == Enrichment(asked=1, landed=1, unknown=0)
        assert enrich(events, service, DEVICES).asked == 0
        assert enrich(events, service, IPS).asked == 1
    [[found]] = events.query("select payload from feeds.device_reputation").result_rows
    row = json.loads(found)["after"]
    assert (row["device_fingerprint"], row["device_kind"], row["is_automated"]) == (
        headless,
        "headless",
        True,
    )
