"""Threads that write records concurrently, and the outcome of each record.

Records of one order go to one writer, in the order they were submitted.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import TracebackType

from simulator.live.database import transactions
from simulator.live.database.connect import open_session
from simulator.live.database.session import (
    LOCK_SECONDS,
    RuleViolation,
    Session,
    in_transaction,
)

CLOSING_SECONDS = 3.0
"""How long to wait for a busy writer after an error; it ends with the process."""

EXPECTED_VIOLATIONS = frozenset(
    {
        "flash_sales_sold_within_quota",
        "inventory_quantity_not_negative",
        "order_items_fit_flash_sale",
        "order_returns_within_payments",
        "orders_status_follows_life_cycle",
        "voucher_redemptions_while_valid",
        "vouchers_used_within_limit",
        "vouchers_used_within_user_limit",
    }
)
"""Rules that may be violated in ordinary business: sold out, used up, or a concurrent change."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record that was written, or the rule that it violated, and how long that took."""

    record: object
    violated_rule: str | None = None
    seconds: float = 0.0


def attempt(session: Session, record: object) -> Outcome:
    """Write a record in a transaction of its own, in one round trip."""

    def work() -> None:
        with session.pipeline():
            transactions.write(record, session)

    try:
        in_transaction(session, work)
    except RuleViolation as refusal:
        if refusal.rule not in EXPECTED_VIOLATIONS:
            raise
        return Outcome(record, refusal.rule)
    return Outcome(record)


class Writers:
    """Threads with a connection each; leaving the context waits for all submitted records.

    After an error it waits for a short time only, since a writer may be blocked by a lock.
    """

    def __init__(self, app_url: str, count: int, lock_seconds: float = LOCK_SECONDS) -> None:
        self._app_url, self._lock_seconds = app_url, lock_seconds
        self._outcomes: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._waiting: list[queue.SimpleQueue[tuple[object, float] | None]] = [
            queue.SimpleQueue() for _ in range(count)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(waiting,), name=f"writer-{number}", daemon=True)
            for number, waiting in enumerate(self._waiting, 1)
        ]
        self.unfinished = 0

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for waiting in self._waiting:
            waiting.put(None)
        for thread in self._threads:
            thread.join(None if error is None else CLOSING_SECONDS)

    def submit(self, record: object) -> None:
        """Submit a record for writing."""
        self.unfinished += 1
        self._waiting[_key(record) % len(self._waiting)].put((record, time.monotonic()))

    def outcomes(self) -> Iterable[Outcome]:
        """The outcomes since the last call; raises a writer's error."""
        while True:
            try:
                outcome = self._outcomes.get_nowait()
            except queue.Empty:
                return
            yield self._finished(outcome)

    def wait(self, seconds: float) -> Iterable[Outcome]:
        """As `outcomes`, but waits until all are finished, for at most this long without an outcome."""
        while self.unfinished:
            try:
                outcome = self._outcomes.get(timeout=seconds)
            except queue.Empty:
                return
            yield self._finished(outcome)

    def _finished(self, outcome: Outcome | BaseException) -> Outcome:
        if isinstance(outcome, BaseException):
            raise outcome
        self.unfinished -= 1
        return outcome

    def _work(self, waiting: queue.SimpleQueue[tuple[object, float] | None]) -> None:
        try:
            with open_session(self._app_url, self._lock_seconds) as session:
                for record, since in iter(waiting.get, None):
                    outcome = attempt(session, record)
                    self._outcomes.put(replace(outcome, seconds=time.monotonic() - since))
        except Exception as error:  # noqa: BLE001 - raised again where the outcomes are read
            self._outcomes.put(error)


def _key(record: object) -> int:
    """Equal for records that must be written in sequence."""
    for name in ("order_id", "payout_id", "sku_id", "campaign_id", "voucher_id"):
        if (value := getattr(record, name, None)) is not None:
            return int(value)
    request = getattr(record, "request", None)
    return 0 if request is None else _key(request)
