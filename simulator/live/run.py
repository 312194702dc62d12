"""A run: the wall clock advances the engine, its output is written, and the outcomes go back to the engine.

What is behind schedule is written late with the times it was scheduled for; nothing is skipped.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Event

from simulator import parameters
from simulator.live.database import bulk, reading
from simulator.live.database.connect import open_session
from simulator.live.database.identifiers import Identifiers
from simulator.live.database.session import LOCK_SECONDS, Session
from simulator.live.database.writers import Outcome, Writers, attempt
from simulator.live.decisions.engine import Engine, Plan
from simulator.live.decisions.output import Output
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.shop_records import NewFlashSale, NewVoucher
from simulator.live.status import Status

WRITERS = 3
TICK_SECONDS = 0.1
LONGEST_STEP_SECONDS = 0.5
"""At most this much of the schedule is written at once when it is late."""
MOST_UNFINISHED = 2_000
"""The schedule pauses while more records than this wait for the writers."""
REPORT_SECONDS = 1.0
TIMEOUT_SECONDS = LOCK_SECONDS + 10
LOCK_RELEASE_SECONDS = 2.0
PROMOTIONS = (NewFlashSale, NewVoucher)
"""Written before anything else, since orders of any writer refer to them."""
Report = Callable[[Status], None]


class Run:
    """One run against one database."""

    def __init__(
        self, plan: Plan, app_url: str, writers: int = WRITERS, lock_seconds: float = LOCK_SECONDS
    ) -> None:
        self._plan, self._app_url = plan, app_url
        self._writer_count, self._lock_seconds = writers, lock_seconds
        self.status = Status("running", os.getpid(), plan.base.name, target_events_per_second=plan.rate)
        self._ended = Event()

    def end(self) -> None:
        """Finish what has begun and stop; may be called from a signal handler."""
        self._ended.set()

    def run(self, report: Report = lambda status: None) -> Status:
        """Run until the plan's end, or `end`; raises NothingToSimulate and ShopError."""
        with open_session(self._app_url, self._lock_seconds) as shop:
            engine = self._engine(shop)
            with Writers(self._app_url, self._writer_count, self._lock_seconds) as writers:
                self._follow_schedule(engine, shop, writers, report)
                self._finish(engine, shop, writers)
        self.status.state = "finished"
        report(self.status)
        return self.status

    def _engine(self, shop: Session) -> Engine:
        read = reading.read_shop(shop, self._plan.seed, self._plan.users)
        is_alone = shop.register_run(LOCK_RELEASE_SECONDS)
        if is_alone:
            _abandon_stale_carts(shop)
        engine = Engine(self._plan, read, datetime.now(UTC), Identifiers(shop).new)
        self.status.seconds_between_clicks = engine.visitor_pool.seconds_between_clicks
        if is_alone:
            _resume(engine, shop)
        return engine

    def _follow_schedule(self, engine: Engine, shop: Session, writers: Writers, report: Report) -> None:
        start, reported, scheduled = time.monotonic(), 0.0, 0.0
        while not self._ended.is_set() and scheduled < (self._plan.duration or float("inf")):
            elapsed = time.monotonic() - start
            if writers.unfinished < MOST_UNFINISHED:
                until = min(elapsed, scheduled + LONGEST_STEP_SECONDS, self._plan.duration or elapsed)
                self._step(engine, shop, writers, until)
                scheduled = until
            else:
                self._decide(engine, writers.outcomes())
                self._ended.wait(TICK_SECONDS)
            elapsed = time.monotonic() - start
            self._note_time(elapsed, scheduled)
            if elapsed - reported >= REPORT_SECONDS:
                reported = elapsed
                report(self.status)
                self.status.order_lag_seconds = 0.0
            self._ended.wait(max(0.0, TICK_SECONDS - (elapsed - scheduled)))

    def _step(self, engine: Engine, shop: Session, writers: Writers, until: float) -> None:
        """Outcomes before rows, and rows before records, since each refers to those before it."""
        self._decide(engine, writers.outcomes())
        self._write(engine, engine.advance(until), shop, writers)

    def _finish(self, engine: Engine, shop: Session, writers: Writers) -> None:
        """Wait for all submitted records and what follows from them."""
        while writers.unfinished:
            before = writers.unfinished
            self._decide(engine, writers.wait(TIMEOUT_SECONDS))
            if writers.unfinished >= before:
                raise TimeoutError(
                    f"{writers.unfinished} transactions are not written after {TIMEOUT_SECONDS:.0f} s; "
                    "does the database still answer?"
                )
            self._write(engine, engine.take_output(), shop, writers)

    def _write(self, engine: Engine, output: Output, shop: Session, writers: Writers) -> None:
        bulk.write_rows(shop, output)
        for record in output.records:
            if isinstance(record, PROMOTIONS):
                self._decide(engine, [attempt(shop, record)])
            else:
                writers.submit(record)
        for cut_off in output.cut_offs:
            engine.payouts.settle(cut_off, reading.read_unsettled(shop, cut_off))
        if output.stale_skus:
            engine.update_stock(reading.read_stock(shop, output.stale_skus))
        self.status.events += len(output.events)
        self.status.new_users += len(output.people)

    def _decide(self, engine: Engine, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            self.status.transactions += 1
            self.status.order_lag_seconds = max(self.status.order_lag_seconds, outcome.seconds)
            self.status.max_order_lag_seconds = max(self.status.max_order_lag_seconds, outcome.seconds)
            is_order = isinstance(outcome.record, NewOrder)
            if outcome.violated_rule is not None:
                self.status.refused_orders += is_order
                engine.on_refused(outcome.record, outcome.violated_rule)
                continue
            if isinstance(outcome.record, NewOrder):
                self.status.orders += 1
                self.status.attack_orders += outcome.record.attack is not None
            engine.on_accepted(outcome.record)

    def _note_time(self, elapsed: float, scheduled: float) -> None:
        self.status.elapsed_seconds, self.status.scheduled_seconds = elapsed, scheduled
        self.status.lag_seconds = max(0.0, elapsed - scheduled)
        self.status.max_lag_seconds = max(self.status.max_lag_seconds, self.status.lag_seconds)


def _resume(engine: Engine, shop: Session) -> None:
    """Continue what earlier runs and the history left unfinished, and settle accounts from now on."""
    for known in list(reading.read_open_orders(shop)):
        engine.fulfilment.resume(known.order, known.status, known.attempts)
    payouts, order_ids = reading.read_unfinished_settlements(shop)
    for payout in payouts:
        engine.payouts.resume(**payout)
    for order_id in order_ids:
        engine.risk.resume(order_id)
    engine.payouts.begin()


def _abandon_stale_carts(shop: Session) -> None:
    """Abandon carts of visits that an earlier run did not end."""
    now = datetime.now(UTC)
    shop.execute(
        "update carts set status = 'abandoned', closed_at = %s where status = 'active' and opened_at < %s",
        [now, now - timedelta(minutes=parameters.SESSION_GAP_MINUTES)],
    )
