"""The reputation service's client: addresses and devices in, facts out, or one clear error.

What can pass by itself is tried again, a bounded number of times: too many requests (429), a failing server
(5xx), no answer in time or half of one, no connection. The pauses double, with a random part so that clients
do not come back together, and are at least as long as the service asks for; where that is more than a minute,
and for everything else, it is an error at once.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
from requests.exceptions import ChunkedEncodingError

from connectors.feeds.errors import FeedError
from tradewind.settings import Endpoint

log = logging.getLogger(__name__)

BATCH = 200


@dataclass(frozen=True)
class Patience:
    """How long an answer is waited for, and how often and after what pauses it is asked for again."""

    timeout_seconds: float = 2.0
    attempts: int = 5
    first_pause_seconds: float = 0.1
    longest_pause_seconds: float = 5.0
    longest_asked_pause_seconds: float = 60.0
    """The service may ask for a pause of its own; a longer one than this is for the next run."""


@dataclass(frozen=True)
class IpReputation:
    """What the service says of an address; `error` where it can say nothing."""

    ip: str
    country: str | None = None
    kind: str | None = None
    is_vpn: bool | None = None
    is_tor: bool | None = None
    previous_incidents: int | None = None
    risk_score: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class DeviceReputation:
    """What the service says of a device; `error` where it can say nothing."""

    device_fingerprint: str
    kind: str | None = None
    is_emulator: bool | None = None
    is_automated: bool | None = None
    previous_incidents: int | None = None
    risk_score: float | None = None
    error: str | None = None


Facts = TypeVar("Facts", IpReputation, DeviceReputation)


class _Transient(Exception):
    """Worth another attempt, after a pause that the service may have asked for."""

    def __init__(self, reason: str, pause_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.pause_seconds = pause_seconds


class ReputationClient:
    """One client; `url` is `http://user:KEY@host:port/`. Close it, or use it in a `with`."""

    def __init__(self, url: str, patience: Patience | None = None) -> None:
        address = Endpoint(url)
        self._base = f"{address.scheme}://{address.host}:{address.port}"
        self._patience = patience or Patience()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {address.password}"

    def __enter__(self) -> ReputationClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ip(self, ip: str) -> IpReputation:
        """One address; FeedError if the service refuses it or stays away."""
        return self._facts(IpReputation, self._ask("GET", f"/v1/ip/{ip}"))

    def device(self, fingerprint: str) -> DeviceReputation:
        """One device; FeedError if the service refuses it or stays away."""
        return self._facts(DeviceReputation, self._ask("GET", f"/v1/device/{fingerprint}"))

    def ips(self, ips: Sequence[str]) -> Iterator[IpReputation]:
        """Many addresses, in their order, asked for a batch at a time."""
        return (self._facts(IpReputation, facts) for facts in self._batches("ips", ips))

    def devices(self, fingerprints: Sequence[str]) -> Iterator[DeviceReputation]:
        """Many devices, in their order, asked for a batch at a time."""
        return (self._facts(DeviceReputation, facts) for facts in self._batches("devices", fingerprints))

    def _batches(self, name: str, items: Sequence[str]) -> Iterator[object]:
        for first in range(0, len(items), BATCH):
            asked = list(items[first : first + BATCH])
            answer = self._ask("POST", "/v1/batch", {name: asked})
            answers = answer.get(name) if isinstance(answer, dict) else None
            if not isinstance(answers, list) or len(answers) != len(asked):
                raise self._stranger()
            yield from answers

    def _facts(self, kind: type[Facts], answer: Any) -> Facts:
        try:
            return kind(**answer)
        except TypeError as error:
            raise self._stranger() from error

    def _stranger(self) -> FeedError:
        return FeedError(f"{self._base} does not answer as a reputation service; check REPUTATION_URL")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> object:
        request_id = uuid.uuid4().hex
        pause = self._patience.first_pause_seconds
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return self._attempt(method, path, body, f"{request_id}-{attempt}")
            except _Transient as error:
                if attempt == self._patience.attempts:
                    raise FeedError(
                        f"reputation service at {self._base}: {error}, {attempt} times (last request "
                        f"{request_id}-{attempt}); does it run? `tradewind up --with reputation` starts ours"
                    ) from error
                if error.pause_seconds > self._patience.longest_asked_pause_seconds:
                    raise FeedError(
                        f"reputation service at {self._base}: {error}, and asks to be left alone for "
                        f"{error.pause_seconds:.0f} s; ask again after that"
                    ) from error
                seconds = max(error.pause_seconds, pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                log.warning("reputation service: %s; next attempt in %.2f s", error, seconds)
                time.sleep(seconds)
                pause = min(pause * 2, self._patience.longest_pause_seconds)
        raise AssertionError("the loop above returns or raises")

    def _attempt(self, method: str, path: str, body: Mapping[str, Any] | None, request_id: str) -> object:
        try:
            answer = self._session.request(
                method,
                f"{self._base}{path}",
                json=body,
                headers={"X-Request-Id": request_id},
                timeout=self._patience.timeout_seconds,
            )
        except (requests.ConnectionError, requests.Timeout, ChunkedEncodingError) as error:
            raise _Transient(_reason(error, self._patience.timeout_seconds)) from error
        except requests.RequestException as error:
            raise self._stranger() from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise _Transient(f"HTTP {answer.status_code}", _seconds(answer.headers.get("Retry-After")))
        if answer.status_code in (401, 403):
            raise FeedError(f"reputation service at {self._base} refuses the API key; check REPUTATION_URL")
        if answer.status_code != 200:
            raise FeedError(
                f"reputation service at {self._base}: HTTP {answer.status_code}: {answer.text[:300]}"
            )
        return self._content(answer)

    def _content(self, answer: requests.Response) -> object:
        try:
            return answer.json()
        except requests.JSONDecodeError as error:
            raise self._stranger() from error


def _reason(error: requests.RequestException, timeout_seconds: float) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {timeout_seconds:g} s"
    if isinstance(error, ChunkedEncodingError):
        return "the answer broke off"
    return f"not reachable ({type(error).__name__})"


def _seconds(retry_after: str | None) -> float:
    """A pause the service asked for, in seconds; a date, which it may also send, is not waited for."""
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0
