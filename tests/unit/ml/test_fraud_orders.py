"""Fraud of the shop's orders: sums over events, features without a future, labels, decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from application import simulated_shop
from tradewind.ml.errors import DataError, LeakageError
from tradewind.ml.fraud import history, orders, training
from tradewind.ml.fraud.events import UNKNOWN, Events
from tradewind.ml.fraud.live import Account, Happened, LiveHistory, Order, Payment
from tradewind.ml.fraud.orders import OrderTables
from tradewind.ml.fraud.rules import RULES, fired

DAY = 86_400
MOMENTS = ("ordered_at", "registered_at", "attempted_at")
AT = pd.Timestamp("2025-10-01 12:00", tz="UTC")


@pytest.fixture(scope="module")
def shop() -> OrderTables:
    return simulated_shop.order_tables("small")[0]


def arrivals(shop: OrderTables) -> dict[int, list[Callable[[LiveHistory], None]]]:
    """What arrives in a live history, by the second it happened in."""
    found: dict[int, list[Callable[[LiveHistory], None]]] = {}

    def at(micros: int, take: Callable[[LiveHistory], None]) -> None:
        found.setdefault(micros // 1_000_000, []).append(take)

    table = shop.orders.astype(object).where(shop.orders.notna(), None)
    moments = zip(*(history.micros(shop.orders[name]).tolist() for name in MOMENTS), strict=True)
    row: Any
    for row, (placed, registered, attempted) in zip(table.itertuples(), moments, strict=True):
        account = Account(row.user_id, row.country, registered)
        order = Order(
            row.order_id, row.user_id, placed, row.amount, row.discount, row.city, row.device, row.address
        )
        at(placed, lambda live, order=order: live.add_order(order))  # type: ignore[misc]
        at(placed, lambda live, account=account: live.add_account(account))  # type: ignore[misc]
        if row.attempted_at is not None:
            paid = Payment(row.order_id, row.order_id, 1, "captured", row.card, row.card_country, attempted)
            at(attempted, lambda live, paid=paid: live.add_payment(paid))  # type: ignore[misc]
    number = 10**9
    for name, events, add in (
        ("attempted_at", shop.failures, lambda live, it: live.add_payment(failed(it))),
        ("requested_at", shop.returns, LiveHistory.add_return),
        ("decided_at", shop.cases, LiveHistory.add_case),
    ):
        for order_id, micros in zip(events["order_id"], history.micros(events[name]).tolist(), strict=True):
            number += 1
            it = Happened(number, order_id, micros)
            at(micros, lambda live, it=it, add=add: add(live, it))  # type: ignore[misc]
    return dict(sorted(found.items()))


def failed(it: Happened) -> Payment:
    return Payment(it.event_id, it.order_id, 2, "failed", None, None, it.at)


def moment(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_sums_are_of_the_own_group_within_the_window() -> None:
    group, second = np.array([0, 0, 1, 0]), np.array([10, 10 + DAY, 20, 10 + 2 * DAY])
    events = Events(group, second, 10 * DAY)
    assert events.sums(group, second, 1).tolist() == [1, 1, 1, 1]
    assert events.sums(group, second, 1.5).tolist() == [1, 2, 1, 2]
    assert events.sums(group, second - 1, 30, np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [0, 1, 0, 3]
    assert events.sums(np.full(4, UNKNOWN), second, 30).tolist() == [0, 0, 0, 0]
    first, last = events.ages(np.array([0, 1, 2]), np.array([10 + DAY, 10, 10]))
    assert first[0] == 1 and last[0] == 0 and np.isnan(first[1:]).all() and np.isnan(last[1:]).all()
    assert events.switches(np.array([5, 6, 7, 6])).tolist() == [0, 1, 0, 0]


def test_there_are_more_than_ninety_features_in_four_windows(shop: OrderTables) -> None:
    built = orders.build(shop)
    assert len(built.columns) > 90 and len(set(built.columns)) == len(built.columns)
    for entity in ("user", "device", "address", "card"):
        assert {f"{entity}_orders_{window}" for window in ("5m", "1h", "1d", "30d")} <= set(built.columns)
    assert fired(built).shape == (len(shop.orders), len(RULES))


def test_features_are_those_of_a_slow_computation(shop: OrderTables) -> None:
    built, table = orders.build(shop), shop.orders
    for at in range(0, len(table), 40):
        now, row = shop.moment.iloc[at], table.iloc[at]
        mine = table[(table["device"] == row["device"]) & (table["ordered_at"] <= now)]
        recent = mine[mine["ordered_at"] > now - pd.Timedelta(days=30)]
        assert built["device_orders_30d"].iloc[at] == len(recent)
        assert built["device_amount_30d"].iloc[at] == pytest.approx(recent["amount"].sum(), rel=1e-4)
        own = table.loc[table["user_id"] == row["user_id"], "order_id"]
        returned = shop.returns[shop.returns["order_id"].isin(own) & (shop.returns["requested_at"] < now)]
        returned = returned[returned["requested_at"] > now - pd.Timedelta(days=180)]
        assert built["user_returns_180d"].iloc[at] == len(returned)


def test_features_of_orders_as_they_arrive_are_those_of_all_at_once_to_the_last_digit(
    shop: OrderTables,
) -> None:
    expected = orders.build(shop).set_index(shop.orders["order_id"])
    live = LiveHistory()
    found: dict[int, Any] = {}
    for steps in arrivals(shop).values():
        for step in steps:
            step(live)
        due = sorted(live.due)
        if due:
            live.due.clear()
            found |= dict(zip(due, live.features(due).to_numpy(), strict=True))
    assert list(found) and sorted(found) == expected.index.tolist()
    values = np.array([found[order] for order in expected.index])
    same = (values == expected.to_numpy()) | (np.isnan(values) & np.isnan(expected.to_numpy()))
    assert [name for name, column in zip(expected.columns, same.T, strict=True) if not column.all()] == []
    whole = live.features(expected.index.tolist()[-300:])  # so many are computed from the whole history
    assert np.array_equal(whole.to_numpy(), values[-300:], equal_nan=True)


def test_no_feature_sees_the_future(shop: OrderTables) -> None:
    orders.check_point_in_time(shop, AT)


@pytest.mark.parametrize("table", ["returns", "cases", "failures"])
def test_what_happened_later_is_a_leak_that_is_caught(
    shop: OrderTables, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = orders.build

    def leaking(given: OrderTables) -> pd.DataFrame:
        early = getattr(given, table).copy()
        early.iloc[:, 1] = given.orders["ordered_at"].min()
        return honest(replace(given, **{table: early}))

    monkeypatch.setattr(orders, "build", leaking)
    with pytest.raises(LeakageError, match=f"_{'frauds' if table == 'cases' else table}_"):
        orders.check_point_in_time(shop, AT)


def test_labels_are_what_was_decided_then_and_what_the_same_device_did() -> None:
    times = [
        "2025-01-01 10:00",
        "2025-01-01 10:30",
        "2025-01-01 12:00",
        "2025-03-01 10:00",
        "2025-03-09 10:00",
    ]
    made = pd.DataFrame(
        {
            "order_id": [1, 2, 3, 4, 5],
            "user_id": [1, 1, 1, 2, 2],
            "ordered_at": [moment(text) for text in times],
            "attempted_at": pd.Series([pd.NaT] * 5, dtype="datetime64[ns, UTC]"),
            "device": ["a", "a", "a", "b", "b"],
        }
    )
    cases = pd.DataFrame({"order_id": [1, 4], "decided_at": [moment("2025-01-05"), moment("2025-03-20")]})
    tables = OrderTables(made, pd.DataFrame(), pd.DataFrame(), cases)
    is_fraud, is_used = training.labels(tables, moment("2025-03-10"))
    assert is_fraud.tolist() == [1, 1, 0, 0, 0] and is_used.tolist() == [1, 1, 1, 0, 0]
    is_fraud, is_used = training.labels(tables, moment("2025-03-21"))
    assert is_fraud.tolist() == [1, 1, 0, 1, 0] and is_used.tolist() == [1, 1, 1, 1, 0]


def test_decisions_are_by_cost() -> None:
    scores, amounts = np.array([0.3, 0.1, 0.1, 0.0, 0.0]), np.array([10.0, 10, 100, 10, 10])
    rules, anomalies = np.array([0.0, 0, 0, 2, 0]), np.array([0.0, 0, 0, 0, 5])
    decided = training.decide(scores, amounts, rules, anomalies)
    assert decided == ["block", "pass", "review", "review", "review"]


def test_a_version_is_the_same_after_writing_and_reading_it(shop: OrderTables) -> None:
    version = training.train(shop)
    features = orders.build(shop)
    read, again = training.load(version.files), training.load(training.train(shop).files)
    assert np.array_equal(read.predict(features), again.predict(features))
    assert list(version.features) == read.trees.names == list(features.columns)


def test_too_few_decided_cases_are_refused(shop: OrderTables) -> None:
    few = replace(shop, cases=shop.cases.head(0))
    with pytest.raises(DataError, match="0 orders are known to be fraud"):
        training.fit(few, orders.build(few), AT)
