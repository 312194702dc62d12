"""What a shop does to its rows, followed by a build: the marts equal their recomputation from the shop."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest

from tests.e2e.recomputation import differences
from tests.fixtures.stack import Stack

Change = Callable[[psycopg.Connection], object]


ORDER_TOTALS = """
    update orders set subtotal_amount = i.subtotal, discount_amount = i.discount,
        shipping_amount = i.shipping, tax_amount = i.tax,
        total_amount = i.subtotal - i.discount + i.shipping + i.tax
    from (
        select order_id, sum(unit_price * quantity) as subtotal, sum(discount_amount) as discount,
            sum(shipping_amount) as shipping, sum(tax_amount) as tax
        from order_items group by order_id
    ) i
    where i.order_id = orders.order_id
        and (i.subtotal, i.shipping) <> (orders.subtotal_amount, orders.shipping_amount)
"""


def update(shop: psycopg.Connection) -> None:
    shop.execute("update products set product_name = 'Renamed' where product_id <= 10")
    shop.execute("update payments set amount = amount + 1.11 where status = 'captured' and payment_id <= 50")
    with shop.transaction():
        shop.execute("update order_items set quantity = quantity + 1 where order_item_id <= 5")
        assert shop.execute(ORDER_TOTALS).rowcount > 0


def move(shop: psycopg.Connection) -> None:
    """A payment that was booked on the wrong order of the same currency."""
    moved = """
        update payments set order_id = other.order_id, sequence_number = 99
        from (select currency, min(order_id) as order_id from orders group by 1) other
        where other.currency = payments.currency and other.order_id <> payments.order_id and payment_id = (
            select max(payment_id) from payments p
            where status = 'captured'
                and not exists (select from order_returns r where r.order_id = p.order_id)
        )
    """
    assert shop.execute(moved).rowcount == 1


def delete(shop: psycopg.Connection) -> None:
    shop.execute("delete from reviews where review_id <= 20")
    shop.execute("delete from payments where payment_id in (select max(payment_id) from payments)")
    with shop.transaction():
        second_lines = "select max(order_item_id) from order_items where line_number > 1"
        assert shop.execute(f"delete from order_items where order_item_id = ({second_lines})").rowcount == 1
        assert shop.execute(ORDER_TOTALS).rowcount == 1


def insert_delete_and_insert_again(shop: psycopg.Connection) -> None:
    for name in ("First", "Second"):
        shop.execute("delete from sellers where seller_id = 990001")
        shop.execute(
            "insert into sellers (seller_id, seller_name, country, joined_at)"
            " values (990001, %s, 'BR', now())",
            [name],
        )


def roll_back(shop: psycopg.Connection) -> None:
    before = shop.execute("select sum(amount) from payments").fetchall()
    with shop.transaction(force_rollback=True):
        shop.execute("update payments set amount = amount * 2")
        shop.execute("update products set product_name = 'never'")
    assert shop.execute("select sum(amount) from payments").fetchall() == before


def change_50_000_rows_in_one_transaction(shop: psycopg.Connection) -> None:
    with shop.transaction():
        changed = shop.execute("update geolocations set city = city || ' '").rowcount
        changed += shop.execute("update products set product_name = product_name || '!'").rowcount
        changed += shop.execute("update payments set amount = amount + 0.01").rowcount
    assert changed >= 50_000


def add_a_column(shop: psycopg.Connection) -> None:
    shop.execute("alter table products add column colour text")
    shop.execute(
        "update products set colour = 'red', product_name = 'Red' where product_id between 20 and 30"
    )


def write_a_description_of_1_mb(shop: psycopg.Connection) -> None:
    shop.execute("update products set description = repeat('0123456789abcdef', 65536) where product_id = 40")
    shop.execute("update products set product_name = 'After the long one' where product_id = 40")


@pytest.mark.parametrize(
    "changes",
    [
        (update, move, delete, insert_delete_and_insert_again),
        (roll_back, change_50_000_rows_in_one_transaction, add_a_column, write_a_description_of_1_mb),
    ],
    ids=lambda changes: "-and-".join(change.__name__ for change in changes),
)
def test_marts_equal_the_recomputation_after(stack: Stack, changes: tuple[Change, ...]) -> None:
    with stack.shop() as shop:
        for change in changes:
            change(shop)
        stack.tradewind("build")
        assert differences(shop, stack.warehouse(), stack.urls) == {}
    again = json.loads(stack.tradewind("build", "--json").stdout)
    assert (again["success"], again["models"]) == (True, {})
