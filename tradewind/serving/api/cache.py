"""Answers kept for a while: those of a build until the next one, those of near real time for two seconds."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from collections.abc import Awaitable, Callable, Hashable
from functools import cached_property
from hashlib import sha256

from cachetools import TTLCache

MOST_BYTES = 64 << 20
LONGEST_SECONDS = 3600.0
LIVE_SECONDS, MOST_LIVE_SECONDS = 1.0, 2.0
"""An answer of near real time is computed anew beside requests when older than the first, before them when
older than the second."""
COMPRESSION = 5


class Cached:
    """An answer's body, and the tag by which a client asks whether it has changed."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.made_at = time.monotonic()

    @cached_property
    def compressed(self) -> bytes:
        """The body by gzip."""
        return gzip.compress(self.body, COMPRESSION)

    @cached_property
    def tag(self) -> str:
        """The entity tag."""
        return f'"{sha256(self.body).hexdigest()[:32]}"'


class Cache:
    """Bodies by question. Who asks for what is being computed waits for that, if no recent one is kept."""

    def __init__(self) -> None:
        self._built: TTLCache[Hashable, Cached] = TTLCache(MOST_BYTES, LONGEST_SECONDS, getsizeof=_size)
        self._live: TTLCache[Hashable, Cached] = TTLCache(MOST_BYTES, MOST_LIVE_SECONDS, getsizeof=_size)
        self._running: dict[Hashable, asyncio.Future[Cached]] = {}
        self._renewals: dict[Hashable, asyncio.Task[None]] = {}
        self.hits = self.misses = 0

    async def get(self, key: Hashable, compute: Callable[[], Awaitable[bytes]], *, is_live: bool) -> Cached:
        """The answer; `key` has the version of what it is made from."""
        kept = self._live if is_live else self._built
        if (found := kept.get(key)) is not None:
            self.hits += 1
            if is_live and time.monotonic() - found.made_at > LIVE_SECONDS and key not in self._renewals:
                self._renewals[key] = asyncio.create_task(self._renew(key, compute))
            return found
        if (running := self._running.get(key)) is not None:
            self.hits += 1
            return await asyncio.shield(running)
        self.misses += 1
        return await self._compute(key, compute, kept)

    async def _renew(self, key: Hashable, compute: Callable[[], Awaitable[bytes]]) -> None:
        """Compute an answer anew; if that fails, who asks once it is too old gets the error."""
        try:
            if key not in self._running:
                self.misses += 1
                with contextlib.suppress(Exception):
                    await self._compute(key, compute, self._live)
        finally:
            del self._renewals[key]

    async def _compute(
        self, key: Hashable, compute: Callable[[], Awaitable[bytes]], kept: TTLCache[Hashable, Cached]
    ) -> Cached:
        running: asyncio.Future[Cached] = asyncio.get_running_loop().create_future()
        self._running[key] = running
        try:
            answer = Cached(await compute())
        except BaseException as error:  # who waits for it gets the same error
            running.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            running.exception()
            raise
        else:
            if _size(answer) <= kept.maxsize:
                kept[key] = answer
            running.set_result(answer)
            return answer
        finally:
            del self._running[key]


def _size(answer: Cached) -> int:
    """Bytes that it takes, compressed body included: a tenth is usual."""
    return len(answer.body) + len(answer.body) // 10
