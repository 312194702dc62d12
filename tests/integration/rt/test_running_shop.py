"""Marts of a running shop: equal to source and batch through crashes and rebuilds, or said to be stale."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from simulator import seed
from simulator.plan import make_plan
from tests.fixtures.live_stack import LiveStack, live_stack
from tests.integration.rt.traffic import Traffic
from tradewind.app import dbt, manifest, near_real_time
from tradewind.rt import states
from tradewind.rt.comparison import Ask, Comparison, Difference, Hours, reader
from tradewind.rt.figures import FIGURES, ORDERS
from tradewind.rt.queries import Queries

pytestmark = pytest.mark.timeout(900)

BATCH = ("+fact_orders", "+fact_payments", "+fact_returns", "ods_user_events")
EVENTS_PER_SECOND = 1_000


@pytest.fixture(scope="module")
def shop() -> Iterator[LiveStack]:
    """A seeded shop whose changes are captured into a warehouse with the marts."""
    with live_stack() as stack:
        seed.seed(stack.source.owner_url, make_plan("small", 1, None, None, datetime.now(UTC).date()))
        stack.captured()
        yield stack


def comparison(shop: LiveStack, source: Ask, hours: Hours) -> Comparison:
    client = shop.warehouse.client()
    queries = Queries(manifest.read(shop.settings), states.tables(client))
    return Comparison(client, source, queries, hours)


def last_days() -> Hours:
    """The hours of the last two days, the present one included."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    return Hours(end - timedelta(hours=48), end)


def differences(shop: LiveStack, other: str = "source") -> list[Difference]:
    """What differs once all that is committed is captured and the refreshed states had the time to follow."""
    shop.captured()
    with reader(shop.source.owner_url) as source:
        compared = comparison(shop, source, last_days())
        compare = compared.with_source if other == "source" else compared.with_batch
        return [difference for figure in FIGURES for difference in compare(figure)]


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for a condition; the seconds that took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not met within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - started


def test_a_killed_capture_costs_no_figure(shop: LiveStack) -> None:
    with Traffic(shop, EVENTS_PER_SECOND).running() as traffic:
        traffic.wait_for(3_000)
        shop.capture.kill()
        traffic.wait_for(2_000)
        shop.capture.start()
        traffic.wait_for(2_000)
    assert traffic.changes > 20
    assert differences(shop) == []


def test_a_killed_warehouse_costs_no_figure(shop: LiveStack) -> None:
    with Traffic(shop, EVENTS_PER_SECOND).running() as traffic:
        traffic.wait_for(3_000)
        shop.warehouse.restart(signal.SIGKILL)
        traffic.wait_for(3_000)
    assert differences(shop) == []


SETTLED = (
    "select sum(order_count), sum(gmv), sum(cancelled_order_count) "
    "from rt.rt_order_metrics where minute < '{:%Y-%m-%d %H:%M:%S}'"
)


def test_a_rebuild_under_load_shows_the_old_or_the_new_and_loses_nothing(shop: LiveStack) -> None:
    query = SETTLED.format(datetime.now(UTC) - timedelta(hours=6))
    reader, client = shop.warehouse.client("bi"), shop.warehouse.client()
    expected = reader.query(query).result_rows
    before = states.tables(client)
    with Traffic(shop, EVENTS_PER_SECOND).running() as traffic:
        rebuilding = threading.Thread(target=near_real_time.rebuild, args=(shop.settings,))
        rebuilding.start()
        answers = []
        while rebuilding.is_alive():
            answers.append(reader.query(query).result_rows)
        traffic.wait_for(1_000)
    assert len(answers) > 50
    assert [answer for answer in answers if answer != expected] == []
    after = states.tables(client)
    assert after.keys() == before.keys() and not {*after.values()} & {*before.values()}
    assert differences(shop) == []


def test_closed_hours_are_those_of_batch_and_a_wrong_one_is_named(shop: LiveStack) -> None:
    dbt.run(["run", "--select", *BATCH], shop.settings.exports())
    assert differences(shop, "batch") == []
    assert differences(shop) == []
    cancel_an_order(shop)
    for other in ("batch", "source"):
        found = {difference.mart for difference in differences(shop, other)}
        assert {ORDERS.mart, "mv_hourly_gmv"} <= found, other


def cancel_an_order(shop: LiveStack) -> None:
    """In the warehouse only, one that was placed well before the last build."""
    client = shop.warehouse.client()
    table = f"rt.{states.tables(client)['state_orders']}"
    minute, order_id = client.query(
        f"select minute, order_id from {table} final "
        "where not is_gone and not is_test and paid_at is not null "
        "and minute between now() - interval 40 hour and now() - interval 9 hour order by minute limit 1"
    ).result_rows[0]
    client.command(
        f"insert into {table} select * replace (position + 1 as position, 'cancelled' as status, "
        f"null as paid_at, now64(6) - interval 1 day as arrived_at) from {table} final "
        f"where minute = '{minute:%Y-%m-%d %H:%M:%S}' and order_id = {order_id}"
    )


def test_a_reader_sees_within_ten_seconds_that_the_capture_has_stopped(shop: LiveStack) -> None:
    reader = shop.warehouse.client("bi")

    def is_stale() -> bool:
        return bool(reader.query("select is_stale from rt.v_live_kpi").result_rows[0][0])

    wait_until(lambda: not is_stale(), 30)
    shop.capture.kill()
    assert wait_until(is_stale, 30) <= 10
    marts = reader.query("select mart, is_stale from rt.rt_freshness").result_rows
    assert len(marts) > 10 and all(stale for _, stale in marts)
    shop.capture.start()
    wait_until(lambda: not is_stale(), 30)
