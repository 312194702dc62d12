"""A process that commits orders at a given rate, and says when each commit returned."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import SynchronizedArray
from multiprocessing.synchronize import Event

import psycopg

CITIES = ("Bangkok", "Chiang Mai", "Phuket", "Khon Kaen", "Hat Yai")
CHANNELS = ("website", "app", "shopee", "lazada", "tiki")

RATE = "insert into fx_rates values ('USD', current_date - 1, 'USD', 1) on conflict do nothing"
ORDER = """
insert into orders (
    order_id, customer_id, user_id, channel, status, currency, subtotal_amount, total_amount,
    ship_to_city, ship_to_country, ordered_at, status_changed_at)
values (%s, %s, %s, %s, 'pending', 'USD', 12.50, 12.50, %s, 'TH', now(), now())
"""
LINE = """
insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, unit_price)
values (%s, 1, 1, 1, 1, 1, 12.50)
"""


@dataclass(frozen=True)
class Load:
    """Commits per second of so many orders each, for so long; an order is two rows: itself and its line."""

    commits_per_second: float
    orders_per_commit: int
    seconds: float

    @property
    def commits(self) -> int:
        """How many commits that makes."""
        return int(self.commits_per_second * self.seconds)

    @property
    def orders(self) -> int:
        """How many orders that makes."""
        return self.commits * self.orders_per_commit


class OrdersWriter:
    """The writing process; `committed[n]` is when the nth commit returned (seconds since 1970), 0 before."""

    def __init__(self, superuser_url: str, load: Load, first_order: int) -> None:
        self.load = load
        context = multiprocessing.get_context("spawn")
        self.committed: SynchronizedArray[float] = context.Array("d", load.commits)
        self._go = context.Event()
        self._process = context.Process(
            target=_write, args=(superuser_url, load, first_order, self.committed, self._go), daemon=True
        )
        self._process.start()

    def go(self) -> None:
        """Begin to write."""
        self._go.set()

    def wait(self) -> None:
        """Wait for the last commit."""
        self._process.join()
        if self._process.exitcode:
            raise RuntimeError("the writer failed; its error is above")


def _write(url: str, load: Load, first: int, committed: SynchronizedArray[float], go: Event) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "set session_replication_role = replica"
        )  # without the shop's rules and references
        connection.execute(RATE)
        connection.commit()
        go.wait()
        started = time.time()
        for number in range(load.commits):
            time.sleep(max(0.0, started + number / load.commits_per_second - time.time()))
            ids = range(
                first + number * load.orders_per_commit, first + (number + 1) * load.orders_per_commit
            )
            with connection.pipeline(), connection.cursor() as cursor:
                for order in ids:
                    place = (CHANNELS[order % 5], CITIES[order % 5])
                    cursor.execute(ORDER, (order, order % 5000, order % 5000, *place), prepare=True)
                    cursor.execute(LINE, (order,), prepare=True)
            connection.commit()
            committed[number] = time.time()
