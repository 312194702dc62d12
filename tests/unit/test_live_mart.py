"""When a live feed reads its mart: once something has arrived, and seldom for what the clock changes."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from tradewind.serving.api import live
from tradewind.serving.api.live import ARRIVALS, LiveMart
from tradewind.serving.api.warehouse import Warehouse

QUERY = "select * from rt.a_mart"


class Shop:
    """A warehouse that counts what it is asked."""

    def __init__(self) -> None:
        self.inserts = 1
        self.reads = 0
        self.arrives_while_read = False

    async def query(self, sql: str) -> list[dict[str, Any]]:
        if sql == ARRIVALS:
            return [{"insert_count": self.inserts}]
        assert sql == QUERY
        self.reads += 1
        found = [{"orders": self.inserts}]
        self.inserts += self.arrives_while_read
        return found


def test_a_mart_is_read_when_something_has_arrived() -> None:
    async def scenario() -> None:
        shop = Shop()
        mart = LiveMart(cast(Warehouse, shop), QUERY)
        assert await mart.read() == [{"orders": 1}]
        assert [await mart.read() for _ in range(3)] == [None, None, None] and shop.reads == 1
        shop.inserts = 2
        assert await mart.read() == [{"orders": 2}]
        mart.forget()
        assert await mart.read() == [{"orders": 2}]

    asyncio.run(scenario())


def test_what_arrives_during_a_read_is_read_next() -> None:
    async def scenario() -> None:
        shop = Shop()
        shop.arrives_while_read = True
        mart = LiveMart(cast(Warehouse, shop), QUERY)
        assert [await mart.read() for _ in range(3)] == [[{"orders": number}] for number in (1, 2, 3)]

    asyncio.run(scenario())


def test_what_only_the_clock_changes_is_read_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "REST_SECONDS", 0.0)

    async def scenario() -> None:
        shop = Shop()
        mart = LiveMart(cast(Warehouse, shop), QUERY)
        assert [await mart.read() for _ in range(3)] == [[{"orders": 1}]] * 3

    asyncio.run(scenario())
