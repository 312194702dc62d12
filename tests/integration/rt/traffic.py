"""Steady changes in a running shop: simulated people, and a hand that changes what they have done."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from simulator.live.decisions.engine import Plan
from simulator.live.run import Run
from simulator.live.scenarios import SCENARIOS
from tests.fixtures.live_stack import LiveStack

PEOPLE = 2_000
CHANGES_PER_SECOND = 20

ORDER = (
    "(select order_id from orders where ordered_at > now() - interval '3 hours' order by random() limit 1)"
)
CHANGES = (
    f"update orders set ship_to_city = 'Nan' where order_id = {ORDER}",
    f"update orders set ordered_at = ordered_at - interval '67 minutes' where order_id = {ORDER}",
    f"update orders set status = 'cancelled', paid_at = null where order_id = {ORDER}",
    f"update orders set is_test = not is_test where order_id = {ORDER}",
    "with line as (update order_items set unit_price = unit_price + 1 where order_item_id = "
    f"(select min(order_item_id) from order_items where order_id = {ORDER}) returning order_id, quantity) "
    "update orders set subtotal_amount = subtotal_amount + quantity, total_amount = total_amount + quantity "
    "from line where orders.order_id = line.order_id",
    f"with gone as (delete from orders where order_id = {ORDER} returning order_id)"
    " delete from order_items using gone where order_items.order_id = gone.order_id",
    "delete from user_events where event_id = (select max(event_id) - 5 from user_events)",
    "update user_events set occurred_at = occurred_at - interval '3 hours'"
    " where event_id = (select max(event_id) - 9 from user_events)",
    "update payments set captured_at = coalesce(captured_at, attempted_at) - interval '61 minutes'"
    " where payment_id = (select max(payment_id) from payments where status = 'captured')",
)
"""Corrections as an operator makes them by hand: the shop's own rules are off."""


class Traffic:
    """What happens while a `with` block runs."""

    def __init__(self, stack: LiveStack, events_per_second: float) -> None:
        plan = Plan(SCENARIOS["NormalDay"], events_per_second, seed=1, users=PEOPLE, duration=None)
        self._run = Run(plan, stack.source.app_url)
        self._superuser_url = stack.source.superuser_url
        self._ended = threading.Event()
        self._errors: list[Exception] = []
        self.changes = 0

    @property
    def events(self) -> int:
        """Events written so far."""
        return self._run.status.events

    def _simulate(self) -> None:
        try:
            self._run.run()
        except Exception as error:
            self._errors.append(error)
            raise

    def _correct(self) -> None:
        choice = random.Random(1)
        with psycopg.connect(self._superuser_url, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            while not self._ended.wait(1 / CHANGES_PER_SECOND):
                self.changes += connection.execute(choice.choice(CHANGES).encode()).rowcount

    @contextmanager
    def running(self) -> Iterator[Traffic]:
        """Until the block ends, and all that had begun has been written."""
        threads = [threading.Thread(target=self._guarded, args=(work,)) for work in ("simulate", "correct")]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._run.end()
            for thread in threads:
                thread.join(60)
        if self._errors:
            raise self._errors[0]

    def wait_for(self, events: int, seconds: float = 60) -> None:
        """Wait until so many more events are written."""
        wanted, deadline = self.events + events, time.monotonic() + seconds
        while self.events < wanted and not self._errors:
            if time.monotonic() > deadline:
                raise AssertionError(f"only {self.events} of {wanted} events after {seconds} s")
            time.sleep(0.05)
