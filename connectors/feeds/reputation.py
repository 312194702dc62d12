"""The client of the reputation service: facts about IP addresses and devices, or a FeedError.

Transient failures are retried a limited number of times: too many requests (429), server errors (5xx), a
time-out, an incomplete response, no connection. Pauses grow exponentially with jitter and are at least as
long as the service's Retry-After. A Retry-After of more than a minute, and every other failure, is an error
at once.
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
class RetryPolicy:
    """Time-out and retries of a request."""

    timeout_seconds: float = 2.0
    attempts: int = 5
    first_pause_seconds: float = 0.1
    longest_pause_seconds: float = 5.0
    longest_retry_after_seconds: float = 60.0
    """A longer Retry-After of the service is an error: the next run tries again."""


@dataclass(frozen=True)
class IpReputation:
    """What the service knows of an IP address; `error` if it has no answer."""

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
    """What the service knows of a device; `error` if it has no answer."""

    device_fingerprint: str
    kind: str | None = None
    is_emulator: bool | None = None
    is_automated: bool | None = None
    previous_incidents: int | None = None
    risk_score: float | None = None
    error: str | None = None


Facts = TypeVar("Facts", IpReputation, DeviceReputation)


class _Transient(Exception):
    """A failure to retry, after the service's Retry-After if there is one."""

    def __init__(self, reason: str, pause_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.pause_seconds = pause_seconds


class ReputationClient:
    """One client; `url` is `http://user:KEY@host:port/`. Close it, or use it in a `with`."""

    def __init__(self, url: str, retry_policy: RetryPolicy | None = None) -> None:
        address = Endpoint(url)
        self._base = f"{address.scheme}://{address.host}:{address.port}"
        self._retry_policy = retry_policy or RetryPolicy()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {address.password}"

    def __enter__(self) -> ReputationClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ip(self, ip: str) -> IpReputation:
        """Look up one IP address; FeedError if the service refuses it or does not respond."""
        return self._facts(IpReputation, self._request("GET", f"/v1/ip/{ip}"))

    def device(self, fingerprint: str) -> DeviceReputation:
        """Look up one device; FeedError if the service refuses it or does not respond."""
        return self._facts(DeviceReputation, self._request("GET", f"/v1/device/{fingerprint}"))

    def ips(self, ips: Sequence[str]) -> Iterator[IpReputation]:
        """Look up many IP addresses, in their order, in batches."""
        return (self._facts(IpReputation, facts) for facts in self._batches("ips", ips))

    def devices(self, fingerprints: Sequence[str]) -> Iterator[DeviceReputation]:
        """Look up many devices, in their order, in batches."""
        return (self._facts(DeviceReputation, facts) for facts in self._batches("devices", fingerprints))

    def _batches(self, name: str, items: Sequence[str]) -> Iterator[object]:
        for first in range(0, len(items), BATCH):
            batch = list(items[first : first + BATCH])
            response = self._request("POST", "/v1/batch", {name: batch})
            answers = response.get(name) if isinstance(response, dict) else None
            if not isinstance(answers, list) or len(answers) != len(batch):
                raise self._unexpected_response()
            yield from answers

    def _facts(self, kind: type[Facts], answer: Any) -> Facts:
        try:
            return kind(**answer)
        except TypeError as error:
            raise self._unexpected_response() from error

    def _unexpected_response(self) -> FeedError:
        return FeedError(f"{self._base} does not respond like a reputation service; check REPUTATION_URL")

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> object:
        request_id = uuid.uuid4().hex
        pause = self._retry_policy.first_pause_seconds
        for attempt in range(1, self._retry_policy.attempts + 1):
            try:
                return self._attempt(method, path, body, f"{request_id}-{attempt}")
            except _Transient as error:
                if attempt == self._retry_policy.attempts:
                    raise FeedError(
                        f"reputation service at {self._base}: {error}, {attempt} times (last request "
                        f"{request_id}-{attempt}); check that it runs: `tradewind up --with "
                        "reputation` starts the simulated one"
                    ) from error
                if error.pause_seconds > self._retry_policy.longest_retry_after_seconds:
                    raise FeedError(
                        f"reputation service at {self._base}: {error}, with a Retry-After of "
                        f"{error.pause_seconds:.0f} s; run it again after that"
                    ) from error
                seconds = max(error.pause_seconds, pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                log.warning("reputation service: %s; next attempt in %.2f s", error, seconds)
                time.sleep(seconds)
                pause = min(pause * 2, self._retry_policy.longest_pause_seconds)
        raise AssertionError("the loop above returns or raises")

    def _attempt(self, method: str, path: str, body: Mapping[str, Any] | None, request_id: str) -> object:
        try:
            answer = self._session.request(
                method,
                f"{self._base}{path}",
                json=body,
                headers={"X-Request-Id": request_id},
                timeout=self._retry_policy.timeout_seconds,
            )
        except (requests.ConnectionError, requests.Timeout, ChunkedEncodingError) as error:
            raise _Transient(_reason(error, self._retry_policy.timeout_seconds)) from error
        except requests.RequestException as error:
            raise self._unexpected_response() from error
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
            raise self._unexpected_response() from error


def _reason(error: requests.RequestException, timeout_seconds: float) -> str:
    if isinstance(error, requests.Timeout):
        return f"no response within {timeout_seconds:g} s"
    if isinstance(error, ChunkedEncodingError):
        return "the response was incomplete"
    return f"not reachable ({type(error).__name__})"


def _seconds(retry_after: str | None) -> float:
    """The seconds of a Retry-After header; 0 for a date, which it may be as well."""
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0
