"""The near-real-time states take the same events as ODS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.dbt import DbtWarehouse
from tests.integration.rt.marts import Marts
from tests.integration.rt.shop import Shop, iso

pytestmark = pytest.mark.timeout(900)

ORDER = {
    "user_id": 1,
    "channel": "website",
    "status": "paid",
    "currency": "THB",
    "subtotal_amount": "10.00",
    "total_amount": "10.00",
    "is_test": False,
}
MOMENT = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)


@pytest.fixture(scope="module")
def marts(dbt_port: int, dbt_parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marts]:
    """A warehouse with the states of orders, users' events and the ODS of orders."""
    running = DbtWarehouse(tmp_path_factory.mktemp("rt"), dbt_port, dbt_parsed)
    running.start()
    try:
        running.must("run", "--select", "state_orders")
        yield Marts(running)
    finally:
        running.stop()


def in_rt(marts: Marts) -> list[tuple[Any, ...]]:
    return marts.rows("select order_id, total_amount, status from rt.state_orders order by 1")


def in_ods(marts: Marts) -> list[tuple[Any, ...]]:
    marts.warehouse.must("run", "--select", "ods_orders", "--full-refresh")
    return marts.rows(
        "select order_id, total_amount, status from ods.ods_orders where _is_deleted = 0 order by 1"
    )


def test_rt_and_ods_go_on_without_the_same_events(marts: Marts) -> None:
    shop = Shop(MOMENT)
    at = iso(MOMENT)
    for order_id in (1, 2, 3, 4):
        shop.put("orders", order_id=order_id, **ORDER, ordered_at=at)
    shop.put("orders", order_id=1, status="shipped", shipped_at="infinity")
    shop.put("orders", order_id=2, status="shipped", total_amount="NaN")
    shop.put("orders", order_id=2, status="delivered", total_amount="11.00")
    shop.put("orders", order_id=3, total_amount="12.345")
    shop.delete("orders", 3)
    shop.put("orders", order_id=5, **ORDER | {"tax_amount": "1000000000000000000.00"}, ordered_at=at)
    marts.arrive(shop.log)
    expected = [(1, "10.00", "paid"), (2, "11.00", "delivered"), (4, "10.00", "paid")]
    assert [(row[0], str(row[1]), row[2]) for row in in_rt(marts)] == expected
    assert in_rt(marts) == in_ods(marts)


def test_an_unreadable_position_neither_stops_the_capture_nor_gets_into_a_state(marts: Marts) -> None:
    before = in_rt(marts)
    after = json.dumps({"order_id": 9, "ordered_at": iso(MOMENT)})
    payload = f'{{"op": "c", "after": {after}}}'
    row = f"('t', 0, 0, now(), '{payload}', 'c', 'nowhere')"
    columns = "_topic, _partition, _offset, _timestamp, payload, _op, _position"
    marts.client.command(f"insert into bronze.orders ({columns}) values {row}")
    assert in_rt(marts) == before
    assert in_ods(marts) == before


def test_an_order_that_an_unreadable_event_moved_is_counted_once(marts: Marts) -> None:
    shop = Shop(MOMENT)
    shop.lsn = 100_000
    for minutes, amount in ((0, "10.00"), (5, "NaN"), (9, "13.00")):
        moment = iso(MOMENT + timedelta(minutes=minutes))
        shop.put("orders", order_id=20, **ORDER | {"total_amount": amount}, ordered_at=moment)
    marts.arrive(shop.log)
    assert in_rt(marts) == in_ods(marts)
    assert [str(row[1]) for row in in_rt(marts) if row[0] == 20] == ["13.00"]
