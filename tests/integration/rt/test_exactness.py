"""The near-real-time marts for any history: however its changes arrive, they show what the shop's rows say.

A shop's history is played on plain dictionaries, from which the expected figures follow. Its changes arrive
in bronze shuffled, repeated and in inserts of any size, and the marts are read as by any client.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from tests.fixtures.kafka import wait_for
from tests.integration.rt import purchases
from tests.integration.rt.checking import arrive, check, order_metrics
from tests.integration.rt.histories import UNREADABLE, Arrivals, arrivals, new_shop, play
from tests.integration.rt.marts import Marts
from tests.integration.rt.shop import Shop
from tradewind.ml.fraud import arrivals as fraud_arrivals
from tradewind.ml.fraud import training
from tradewind.ml.fraud.orders import build
from tradewind.ml.fraud.tables import read_orders

FIXTURE = HealthCheck.function_scoped_fixture
LOOKING_UP = ("rt_order_metrics", "rt_category_velocity")
"""Marts that read exchange rates and categories, whose tables are replaced."""


@settings(max_examples=40, deadline=None, suppress_health_check=[FIXTURE])
@given(arrivals())
def test_any_order_of_arrival_gives_the_figures_of_the_source(
    marts: Marts, arrived: tuple[Shop, Arrivals]
) -> None:
    shop, batches = arrived
    marts.empty()
    arrive(marts, batches)
    check(marts, shop)


@settings(max_examples=8, deadline=None, suppress_health_check=[FIXTURE])
@given(arrivals())
def test_a_replay_of_any_part_changes_nothing(marts: Marts, arrived: tuple[Shop, Arrivals]) -> None:
    shop, batches = arrived
    marts.empty()
    arrive(marts, batches)
    arrive(marts, [shop.log[::2], list(reversed(shop.log)), shop.log])
    check(marts, shop)


def played(marts: Marts, *actions: tuple[str, int, int, int]) -> Shop:
    """A shop in which this happened, all of it arrived."""
    shop = new_shop()
    for action in actions:
        play(shop, *action)
    marts.empty()
    arrive(marts, [shop.log])
    return shop


def then(marts: Marts, shop: Shop, *actions: tuple[str, int, int, int]) -> None:
    """What happens and arrives next."""
    before = len(shop.log)
    for action in actions:
        play(shop, *action)
    arrive(marts, [shop.log[before:]])


def test_an_order_cancelled_before_payment_leaves_its_minutes_gmv_and_counts_as_cancelled(
    marts: Marts,
) -> None:
    shop = played(marts, ("place", 1, 0, 4))
    [(counted, gmv, buyers, cancelled)] = order_metrics(marts).values()
    assert (counted, buyers, cancelled) == (1, 1, 0)
    assert gmv == shop.gmv(shop.rows["orders"][1,]) > 0
    then(marts, shop, ("cancel", 1, 0, 0))
    assert list(order_metrics(marts).values()) == [(0, 0, 0, 1)]


def test_an_order_cancelled_after_payment_stays_in_gmv(marts: Marts) -> None:
    shop = played(marts, ("place", 1, 0, 4), ("pay", 1, 0, 0), ("cancel", 1, 0, 0))
    assert list(order_metrics(marts).values()) == [(1, shop.gmv(shop.rows["orders"][1,]), 1, 1)]


def test_an_order_that_gets_another_time_or_city_leaves_where_it_was(marts: Marts) -> None:
    shop = played(marts, ("place", 1, 0, 4))
    [before] = order_metrics(marts)
    then(marts, shop, ("new time", 1, 0, 50), ("new city", 1, 0, 1))
    [after] = order_metrics(marts)
    assert after[0] < before[0]  # type: ignore[operator]
    assert after[1] != before[1]
    check(marts, shop)


def test_an_event_that_comes_hours_late_lands_in_its_own_minute(marts: Marts) -> None:
    shop = played(marts, ("event", 1, 0, 0))
    then(marts, shop, ("event", 2, 300, 0))
    [minutes] = [sorted(row[0] for row in shop.events_per_minute())]
    assert minutes[1] - minutes[0] > timedelta(hours=5)
    check(marts, shop)


def test_a_changed_exchange_rate_revalues(marts: Marts) -> None:
    shop = played(marts, ("place", 1, 0, 3), ("payment", 1, 0, 2))
    before = order_metrics(marts)
    then(marts, shop, ("rate", 2, 1, 2))
    assert order_metrics(marts) != before
    check(marts, shop)


def test_an_account_that_turns_out_to_be_a_bot_leaves_all_figures(marts: Marts) -> None:
    shop = played(marts, ("account", 1, 0, 1), ("place", 1, 0, 4), ("payment", 1, 0, 2), ("event", 1, 0, 1))
    assert len(shop.order_metrics()) == len(shop.revenue()) == len(shop.funnel()) == 1
    check(marts, shop)
    then(marts, shop, ("account", 1, 0, 4))
    assert shop.order_metrics() == shop.revenue() == shop.funnel() == {}
    check(marts, shop)


@pytest.mark.parametrize("number", range(7))
def test_a_truncate_empties(marts: Marts, number: int) -> None:
    shop = played(
        marts, ("place", 1, 0, 4), ("payment", 1, 0, 2), ("refund", 1, 0, 1), ("event", 1, 0, 0),
        ("truncate", 0, 0, number),
    )  # fmt: skip
    check(marts, shop)


@pytest.mark.parametrize("number", range(len(UNREADABLE)))
def test_an_event_that_ods_does_not_take_changes_no_mart(marts: Marts, number: int) -> None:
    shop = played(
        marts, ("account", 1, 0, 1), ("place", 1, 0, 4), ("payment", 1, 0, 2), ("capture", 1, 0, 0),
        ("refund", 1, 0, 1), ("event", 1, 0, 0),
    )  # fmt: skip
    check(marts, shop)
    table, values = UNREADABLE[number]
    key = next(iter(shop.rows[table]))
    then(marts, shop, ("unreadable", key[0], 0, number))
    assert shop.log[-1][1].after == shop.rows[table][key] | values
    check(marts, shop)


def test_before_its_lines_are_known_an_order_is_valued_to_the_cent_but_for_rounding(marts: Marts) -> None:
    shop = new_shop()
    marts.empty()
    arrive(marts, [shop.log])
    before = len(shop.log)
    play(shop, "place", 1, 0, 3)
    marts.arrive(shop.log[before:])
    [(counted, gmv, _, _)] = order_metrics(marts).values()
    assert counted == 1
    exact = shop.gmv(shop.rows["orders"][1,])
    assert abs(gmv - exact) <= len(shop.line_amounts(1)) * 0.01  # type: ignore[operator]


def test_marts_can_be_read_while_what_they_look_up_is_refreshed(marts: Marts) -> None:
    played(marts, *(("place", order, order, 3) for order in (1, 2, 3)))
    queries = [f"select * from rt.{mart} order by all" for mart in LOOKING_UP]
    expected = [marts.rows(query) for query in queries]
    refreshed = threading.Event()

    def read(query: str) -> list[list[tuple[object, ...]]]:
        reader = marts.warehouse.warehouse.client("bi")
        seen = []
        while not refreshed.is_set():
            seen.append([tuple(row) for row in reader.query(query).result_rows])
        return seen

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read, query) for query in queries]
        for _ in range(10):
            marts.refresh()
        refreshed.set()
    for reader, rows in zip(readers, expected, strict=True):
        assert rows and reader.result()
        assert [seen for seen in reader.result() if seen != rows] == []


def test_fraud_scores_while_orders_arrive_are_those_of_the_batch_tables_also_after_a_kill(
    marts: Marts, tmp_path: Path
) -> None:
    tables, client = purchases.recent_tables(), marts.client
    arriving = purchases.changes(tables)
    marts.empty()
    purchases.create_batch_tables(client)
    try:
        version, model = purchases.champion(client, tmp_path)
        marts.arrive(arriving[: len(arriving) // 2])
        with purchases.scoring_service(marts.warehouse.warehouse, tmp_path):
            wait_for(lambda: judged(marts), "the first score")
            marts.arrive(arriving[len(arriving) // 2 :])
        live = fraud_arrivals.Arrivals(client).load()
        ids = tables["ods.ods_orders"]["order_id"].tolist()
        features = live.features(ids)
        with purchases.scoring_service(marts.warehouse.warehouse, tmp_path):
            purchases.fill_batch_tables(client, tables)
            offline = read_orders(client)
            expected = training.score_rows(model, offline, version.version)
            pairs = set(zip(expected["order_id"], purchases.micros(expected["judged_at"]), strict=True))
            wait_for(lambda: judged(marts) >= pairs, "a score of every order")
        pd.testing.assert_frame_equal(features, build(offline), check_exact=True)
        assert ids == offline.orders["order_id"].tolist() and len(expected) > 20
        columns = ", ".join(expected.columns)
        found = client.query_df(f"select {columns} from ml.fraud_scores final order by order_id")
        found = found[found["order_id"].isin(expected["order_id"])].reset_index(drop=True)
        expected = expected.reset_index(drop=True)
        assert found["score"].tolist() == expected["score"].tolist()
        for column in ("anomaly_score", "user_id", "decision", "rules", "reasons"):
            assert found[column].tolist() == expected[column].tolist(), column
    finally:
        purchases.drop_batch_tables(client)


def judged(marts: Marts) -> set[tuple[int, int]]:
    """Orders with a score and when they were judged (microseconds), once there is a table of them."""
    if not marts.rows("select 1 from system.tables where database = 'ml' and name = 'fraud_scores'"):
        return set()
    query = "select order_id, toUnixTimestamp64Micro(judged_at) from ml.fraud_scores final"
    return {(int(order), int(at)) for order, at in marts.rows(query)}
