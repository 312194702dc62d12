"""Answers of near real time: a recent one is given at once, while a newer one is computed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tradewind.serving.api import cache as module
from tradewind.serving.api.cache import Cache


class Mart:
    """A mart whose answer is a number that grows with each read, and that can be slow or away."""

    def __init__(self) -> None:
        self.reads = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.problem: Exception | None = None

    async def read(self) -> bytes:
        self.reads += 1
        number = self.reads
        await self.may_answer.wait()
        if self.problem:
            raise self.problem
        return str(number).encode()


def ask(cache: Cache, mart: Mart) -> Callable[[], Awaitable[bytes]]:
    async def asked() -> bytes:
        return (await cache.get("question", mart.read, is_live=True)).body

    return asked


def test_a_recent_answer_is_given_while_a_newer_one_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIVE_SECONDS", 0.0)

    async def scenario() -> None:
        cache, mart = Cache(), Mart()
        asked = ask(cache, mart)
        assert await asked() == b"1"
        mart.may_answer.clear()
        async with asyncio.timeout(5):
            assert [await asked() for _ in range(3)] == [b"1", b"1", b"1"]
        await asyncio.sleep(0)
        assert mart.reads == 2, "requests in the meantime share the one read"
        mart.may_answer.set()
        async with asyncio.timeout(5):
            while await asked() == b"1":
                await asyncio.sleep(0)
        assert cache.misses == mart.reads

    asyncio.run(scenario())


def test_an_answer_of_this_moment_is_not_computed_again() -> None:
    async def scenario() -> None:
        cache, mart = Cache(), Mart()
        asked = ask(cache, mart)
        assert [await asked() for _ in range(5)] == [b"1"] * 5
        await asyncio.sleep(0)
        assert (mart.reads, cache.hits, cache.misses) == (1, 4, 1)

    asyncio.run(scenario())


def test_a_failed_renewal_is_told_to_who_asks_once_the_answer_is_too_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LIVE_SECONDS", 0.0)
    monkeypatch.setattr(module, "MOST_LIVE_SECONDS", 0.2)

    async def scenario() -> None:
        cache, mart = Cache(), Mart()
        asked = ask(cache, mart)
        assert await asked() == b"1"
        mart.problem = ConnectionError("the warehouse is away")
        assert await asked() == b"1"
        await asyncio.sleep(0.3)
        with pytest.raises(ConnectionError, match="away"):
            await asked()
        mart.problem = None
        assert await asked() == str(mart.reads).encode()

    asyncio.run(scenario())
