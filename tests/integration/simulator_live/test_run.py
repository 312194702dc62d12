"""Runs against a real database: what is reported is what is there, late or not, and every rule holds."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest

from simulator.live import run
from simulator.live.database import writers
from simulator.live.database.bulk import write_rows
from simulator.live.database.connect import open_session
from simulator.live.database.reading import NothingToSimulate
from simulator.live.database.session import LockTimeout, Session, ShopUnreachable
from simulator.live.decisions.engine import Engine, Plan
from simulator.live.decisions.output import Output
from simulator.live.decisions.records import (
    Delivery,
    Dispatch,
    LostParcel,
    Parcel,
    PaymentAttempt,
    Refund,
    ReturnDecision,
    ReturnReceipt,
    ReturnRequest,
    StatusChange,
)
from simulator.live.decisions.shop_records import NewCategory, NewFlashSale, NewPrice
from simulator.live.run import WRITERS, Run
from simulator.live.scenarios import SCENARIOS, parse_schedule
from simulator.live.status import Status
from tests.fixtures.postgres import RunningPostgres
from tests.integration.simulator_live.conftest import AnyShop, SmallShop, new_shop
from tests.integration.simulator_live.test_limits import line, order
from tradewind.source.mysql.connection import connect, run_all

RATE, SECONDS = 300, 12


@pytest.fixture(scope="module")
def busy(either: AnyShop) -> tuple[AnyShop, Status]:
    """A shop after a promotion with a flash sale and an attack in it, life passing very quickly."""
    shop = either
    slots = parse_schedule("FlashSale@2s+4s,FraudAttack@6s+6s", SECONDS)
    plan = Plan(
        SCENARIOS["PromotionBlast"], RATE, seed=3, users=300, speed_up=200_000, duration=SECONDS, slots=slots
    )
    return shop, Run(plan, shop.app_url).run()


def count(shop: AnyShop, what: str) -> int:
    found = shop.value(f"select count(*) from {what}")
    assert isinstance(found, int)
    return found


def test_every_rule_holds_afterwards(busy: tuple[AnyShop, Status]) -> None:
    shop, _ = busy
    assert shop.violations() == []


def test_what_is_reported_is_what_is_there(busy: tuple[AnyShop, Status]) -> None:
    shop, status = busy
    assert status.state == "finished"
    assert status.keeps_up
    assert status.events == count(shop, "user_events")
    assert status.orders == count(shop, "orders")
    assert status.attack_orders == count(shop, "labels.fraud_labels")
    assert status.new_users == count(shop, "users where user_id > 60")


def test_what_leaves_a_cart_may_come_back_in_the_same_writing(either: AnyShop) -> None:
    now, line = dt.datetime.now(dt.UTC), (800_001, 5)
    with open_session(either.app_url) as session:
        cart = (800_001, None, "s", "THB", now)
        write_rows(session, Output(carts=[cart], cart_items={line: (1, Decimal(10), now)}))
        write_rows(session, Output(removed_items={line}, cart_items={line: (2, Decimal(9), now)}))
        assert either.value("select quantity from cart_items where cart_id = 800001") == 2
        write_rows(session, Output(removed_items={line}))
    assert count(either, "cart_items where cart_id = 800001") == 0


def test_every_part_of_the_shop_has_moved(busy: tuple[AnyShop, Status]) -> None:
    shop, _ = busy
    for table in (
        *("carts", "cart_items", "payments", "shipments", "order_status_history", "wishlists", "reviews"),
        *(
            "voucher_redemptions",
            "flash_sales where sold_count > 0",
            "fx_rates where rate_date = current_date",
        ),
        *(
            "orders where status = 'delivered'",
            "orders where status = 'cancelled'",
            "orders where channel = 'lazada'",
        ),
        *(
            "carts where status = 'abandoned'",
            "carts where status = 'converted'",
            "payments where status = 'failed'",
        ),
    ):
        assert count(shop, table) > 0, table


def test_a_purchase_in_the_clickstream_is_an_order_of_that_visit(busy: tuple[AnyShop, Status]) -> None:
    shop, _ = busy
    assert count(shop, "user_events where event_type = 'purchase'") == count(
        shop, "user_events join orders using (order_id, session_id, user_id) where event_type = 'purchase'"
    )
    assert count(shop, "orders where session_id is not null") == count(
        shop, "user_events where event_type = 'purchase'"
    )


def test_marketplace_orders_have_neither_visit_nor_payment_nor_parcel(
    busy: tuple[AnyShop, Status],
) -> None:
    shop, _ = busy
    settled = "orders where channel in ('lazada', 'tiki')"
    assert count(shop, f"{settled} and session_id is not null") == 0
    assert count(shop, f"payments where order_id in (select order_id from {settled})") == 0
    assert count(shop, f"shipments where order_id in (select order_id from {settled})") == 0


def test_labels_mark_orders_of_every_attack_kind_that_began(busy: tuple[AnyShop, Status]) -> None:
    shop, _ = busy
    assert count(shop, "labels.attacks") >= 1
    assert (
        count(shop, "labels.attacks where attack_id not in (select attack_id from labels.fraud_labels)") == 0
    )


def test_orders_never_overtake_the_flash_sale_they_use(
    postgres: RunningPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = new_shop(postgres)

    def one_is_busy(session: Session, record: object) -> writers.Outcome:
        time.sleep(isinstance(record, NewFlashSale) and record.sku_id % WRITERS == 0)
        return attempt(session, record)

    attempt = writers.attempt
    monkeypatch.setattr(writers, "attempt", one_is_busy)
    Run(Plan(SCENARIOS["FlashSale"], 500, seed=1, users=300, duration=4), shop.app_url).run()
    assert count(shop, "order_items where flash_sale_id is not null") > 0


def test_what_was_late_is_written_all_the_same_and_said(postgres: RunningPostgres) -> None:
    shop = new_shop(postgres)
    plan = Plan(SCENARIOS["NormalDay"], 100, seed=1, users=300, duration=6)
    blocking = threading.Thread(target=_block, args=(shop, 3.0))
    reports: list[float] = []

    def report(status: Status) -> None:
        reports.append(status.lag_seconds)
        if len(reports) == 1:
            blocking.start()

    status = Run(plan, shop.app_url).run(report)
    blocking.join()
    assert status.max_lag_seconds > 2
    assert status.events == count(shop, "user_events")
    assert status.events == pytest.approx(600, rel=0.15)


def _block(shop: SmallShop, seconds: float) -> None:
    with psycopg.connect(shop.owner_url) as connection:
        connection.execute("lock table user_events in exclusive mode")
        time.sleep(seconds)


def test_a_locked_table_ends_the_run_with_one_line(either: AnyShop) -> None:
    plan = Plan(SCENARIOS["NormalDay"], 300, seed=1, users=300, duration=60)
    with (
        locked(either, "payments"),
        pytest.raises(LockTimeout, match=r"kept a table or row .* locked for 1 s"),
    ):
        Run(plan, either.app_url, lock_seconds=1).run()


def test_a_writer_held_up_by_a_lock_is_left_behind_after_an_error(either: AnyShop) -> None:
    class Unexpected(Exception):
        pass

    with locked(either, "product_skus"):
        with pytest.raises(Unexpected), writers.Writers(either.app_url, 1, lock_seconds=30) as busy:
            busy.submit(NewPrice(1, Decimal(120)))
            raise Unexpected
        assert "writer-1" in {thread.name for thread in threading.enumerate()}


def test_prices_categories_and_lost_parcels_reach_the_shop(either: AnyShop) -> None:
    placed = replace(order(2), order_id=900_001, lines=(line(90_000, 5),))
    total, now = placed.total_amount, placed.ordered_at
    payment = _captured(900_001, 900_001, total, now)
    parcel = Parcel(900_001, 1, "TW1", "kerry", Decimal(30), now)
    records = [
        *(NewPrice(5, Decimal(777)), NewCategory(3, 2), NewCategory(4, 2), placed),
        *(StatusChange(900_001, "confirmed", now), payment, StatusChange(900_001, "packed", now)),
        Dispatch(900_001, "THB", (parcel,), now),
        LostParcel(900_001, 900_001, "THB", 1, total, now),
        Refund(900_001, 900_001, now),
    ]
    _write_all(either, records)
    assert either.value("select price from product_skus where sku_id = 5") == 777
    assert count(either, "products where product_id in (3, 4) and category_id = 2") == 2
    lost = "orders where order_id = 900001 and status = 'cancelled' and cancel_reason = 'lost_in_transit'"
    assert count(either, lost) == 1
    assert count(either, "payments where order_id = 900001 and status = 'captured'") == 1
    assert count(either, "shipments where order_id = 900001 and status = 'failed'") == 1
    back = "select refund_amount from order_returns where order_id = 900001 and status = 'refunded'"
    assert either.value(back) == total
    assert either.violations() == []


def test_returned_goods_are_back_in_stock_or_written_off(either: AnyShop) -> None:
    placed = replace(order(2), order_id=900_002, lines=(line(90_001, 7), line(90_002, 9)))
    total, now = placed.total_amount, placed.ordered_at
    payment = _captured(900_002, 900_002, total, now)
    requests = [
        ReturnRequest(900_002, 900_010 + at, each, "THB", "defective", Decimal(90), now)
        for at, each in enumerate(placed.lines)
    ]
    sold = {sku: either.value("select stock from product_skus where sku_id = %s", sku) for sku in (7, 9)}
    records = [
        *(placed, StatusChange(900_002, "confirmed", now), payment, StatusChange(900_002, "packed", now)),
        *(StatusChange(900_002, "shipped", now), Delivery(900_002, placed.customer_id, 3, now), *requests),
        *(ReturnDecision(900_002, request.return_id, True, now) for request in requests),
        ReturnReceipt(requests[0], is_resellable=True, ends_order=False, at=now),
        ReturnReceipt(requests[1], is_resellable=False, ends_order=True, at=now),
        *(Refund(900_002, request.return_id, now) for request in requests),
    ]
    _write_all(either, records)
    assert count(either, "orders where order_id = 900002 and status = 'returned'") == 1
    assert count(either, "order_returns where order_id = 900002 and status = 'refunded'") == 2
    assert either.value("select stock from product_skus where sku_id = 7") == sold[7]
    assert either.value("select stock from product_skus where sku_id = 9") == int(str(sold[9])) - 1
    assert count(either, "inventory_log where sku_id = 9 and movement_type = 'write_off'") == 1
    assert either.violations() == []


def _captured(payment_id: int, order_id: int, amount: Decimal, at: dt.datetime) -> PaymentAttempt:
    return PaymentAttempt(payment_id, order_id, 1, "e_wallet", "truemoney", "THB", amount, Decimal(1), at, at)


def _write_all(shop: AnyShop, records: list[object]) -> None:
    with writers.Writers(shop.app_url, 1) as busy:
        for record in records:
            busy.submit(record)
        assert {outcome.violated_rule for outcome in busy.wait(30)} == {None}


@contextmanager
def locked(shop: AnyShop, table: str) -> Iterator[None]:
    """The table is another session's alone meanwhile."""
    if isinstance(shop, SmallShop):
        with psycopg.connect(shop.owner_url) as connection:
            connection.execute(f"lock table {table} in access exclusive mode".encode())
            yield
    else:
        with connect(shop.owner_url) as mariadb:
            run_all(mariadb, f"lock tables {table} write")
            yield


def test_a_run_whose_writers_are_behind_does_not_spin(
    postgres: RunningPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []

    class Watched(Run):
        def _decide(self, engine: Engine, outcomes: Iterable[writers.Outcome]) -> None:
            looks.append(outcomes)
            super()._decide(engine, outcomes)

    monkeypatch.setattr(run, "MOST_UNFINISHED", 0)
    plan = Plan(SCENARIOS["NormalDay"], 100, seed=1, users=300)
    behind = Watched(plan, new_shop(postgres).app_url)
    behind.run(lambda status: behind.end())
    assert 0 < len(looks) <= 2 * run.REPORT_SECONDS / run.TICK_SECONDS


def test_the_stated_rate_reaches_the_database(postgres: RunningPostgres) -> None:
    shop = new_shop(postgres)
    plan = Plan(SCENARIOS["NormalDay"], 500, seed=1, users=1_000, duration=5)
    assert Run(plan, shop.app_url).run().events == pytest.approx(2_500, rel=0.06)


def test_an_empty_shop_says_how_to_fill_it(postgres: RunningPostgres) -> None:
    shop = new_shop(postgres, filled=False)
    with pytest.raises(NothingToSimulate, match=r"the shop is empty .*tradewind source seed"):
        Run(Plan(SCENARIOS["NormalDay"], 10, seed=1, duration=1), shop.app_url).run()


def test_a_database_without_a_shop_says_how_to_make_one(postgres: RunningPostgres, new_name: str) -> None:
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {new_name}".encode())
    url = postgres.app_url.replace("/ecomm", f"/{new_name}")
    with pytest.raises(NothingToSimulate, match="tradewind source init"):
        Run(Plan(SCENARIOS["NormalDay"], 10, seed=1, duration=1), url).run()


@pytest.fixture
def new_name() -> str:
    return f"nothing_{time.monotonic_ns()}"


def test_a_database_that_does_not_answer_is_named() -> None:
    plan = Plan(SCENARIOS["NormalDay"], 10, seed=1, duration=1)
    with pytest.raises(ShopUnreachable, match=r"127\.0\.0\.1:1 cannot be used: Connection refused"):
        Run(plan, "postgresql://a:b@127.0.0.1:1/shop").run()
