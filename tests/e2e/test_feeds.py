"""Feeds in the whole stack: dropped files, and a reputation service that is there when it is asked for."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from simulator.network import ip_address
from tests.fixtures.stack import Stack
from tradewind.stack import supervisor

PATIENCE_SECONDS = 300
TOR = ip_address(77, "SG", "tor")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.2)


def has_arrived(client: Client, ip: str) -> bool:
    """Whether bronze holds an event from this address."""
    query = "select count() from bronze.user_events where position(payload, {ip:String}) > 0"
    return bool(client.command(query, parameters={"ip": f'"{ip}"'}))


@pytest.fixture(scope="module")
def with_reputation(stack: Stack) -> Iterator[Stack]:
    """The stack with the optional service; afterwards it is as it was."""
    assert "reputation" not in stack.services()
    stack.tradewind("up", "--with", "reputation")
    yield stack
    control = supervisor.connect(stack.home)
    assert control is not None
    control.stop("reputation")


def test_the_reputation_service_is_supervised_once_it_is_asked_for(with_reputation: Stack) -> None:
    before = with_reputation.services()["reputation"]
    assert before["state"] == "running"
    os.kill(before["pid"], signal.SIGKILL)

    def is_back() -> bool:
        now = with_reputation.services()["reputation"]
        return bool(now["state"] == "running" and now["pid"] != before["pid"])

    wait_until(is_back)
    with_reputation.tradewind("up")
    assert with_reputation.services()["reputation"]["state"] == "running"


def test_a_service_that_does_not_exist_is_named(stack: Stack) -> None:
    done = stack.tradewind("up", "--with", "nonsense", check=False)
    assert done.returncode == 1
    assert "there is no service nonsense; optional ones are: reputation" in done.stderr


def test_a_visitors_address_is_looked_up_once(with_reputation: Stack) -> None:
    with with_reputation.shop() as shop:
        shop.execute(
            "insert into user_events (event_type, session_id, platform, ip_address, occurred_at) "
            "values ('page_view', 'feeds', 'web', %s, now())",
            [TOR],
        )
    client = with_reputation.warehouse()
    wait_until(lambda: has_arrived(client, TOR))
    first = json.loads(with_reputation.tradewind("feeds", "enrich", "--json").stdout)
    assert first["ip_reputation"] == {"asked": 1, "landed": 1, "unknown": 0}
    second = json.loads(with_reputation.tradewind("feeds", "enrich", "--json").stdout)
    assert second["ip_reputation"]["asked"] == 0
    [found] = client.query("select payload from feeds.ip_reputation").result_rows
    assert json.loads(found[0])["after"]["is_tor"] is True


def test_without_the_service_enriching_says_what_to_do(stack: Stack) -> None:
    control = supervisor.connect(stack.home)
    assert control is not None
    control.stop("reputation")
    with stack.shop() as shop:
        shop.execute(
            "insert into user_events (event_type, session_id, platform, ip_address, occurred_at) "
            "values ('page_view', 'feeds', 'web', '10.0.0.99', now())"
        )
    client = stack.warehouse()
    wait_until(lambda: has_arrived(client, "10.0.0.99"))
    done = stack.tradewind("feeds", "enrich", check=False)
    assert done.returncode == 1
    assert "not reachable" in done.stderr
    assert "tradewind up --with reputation" in done.stderr


def test_a_file_dropped_into_the_home_is_taken_in_by_itself(stack: Stack) -> None:
    stack.tradewind("feeds", "sample", "--month", "2026-10")
    client = stack.warehouse()
    rows = "select count() from feeds.geography where payload like '%geography_2026-10.csv%'"
    wait_until(lambda: client.command(rows) == 43)


def test_files_are_taken_in_by_hand_and_a_wrong_one_is_refused_with_exit_code_1(
    stack: Stack, tmp_path: Path
) -> None:
    drops = ("--folder", str(tmp_path))
    stack.tradewind("feeds", "sample", "--month", "2026-09", *drops)
    outcomes = json.loads(stack.tradewind("feeds", "ingest", "--json", *drops).stdout)
    assert [(outcome["feed"], outcome["result"], outcome["rows"]) for outcome in outcomes] == [
        ("geography", "ingested", 43),
        ("economic_indicators", "ingested", 7),
    ]
    (tmp_path / "geography" / "bad.csv").write_text("nonsense\n")
    done = stack.tradewind("feeds", "ingest", *drops, check=False)
    assert done.returncode == 1
    assert "bad.csv, line 1, column period_date: column is missing" in done.stdout
    (tmp_path / "Geography").mkdir()
    nothing = stack.tradewind("feeds", "ingest", *drops)
    assert "no file waits" in nothing.stdout
    assert "note: " in nothing.stderr and "rename it to geography" in nothing.stderr
