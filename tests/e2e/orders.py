"""One more order in the shop of a running stack, gone again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.fixtures.stack import Stack

CITY = "Tradewind Bay"
"""Where these orders go."""
ORDER = """
    insert into orders (
        customer_id, user_id, channel, status, currency, subtotal_amount, total_amount,
        ship_to_city, ship_to_country, ordered_at, status_changed_at
    )
    select customer_id, user_id, channel, 'pending', currency, 12.34, 12.34, %s, 'BR', now(), now()
    from orders where not is_test order by order_id limit 1
    returning order_id
"""
LINE = """
    insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, unit_price)
    select %s, 1, sku_id, product_id, seller_id, 1, 12.34 from order_items order by order_item_id limit 1
"""


@contextmanager
def order_placed(stack: Stack) -> Iterator[int]:
    """The number of an order that the shop has just got."""
    with stack.shop() as shop:
        with shop.transaction():
            row = shop.execute(ORDER, [CITY]).fetchone()
            assert row
            assert shop.execute(LINE, row).rowcount == 1
        try:
            yield row[0]
        finally:
            shop.execute("delete from orders where order_id = %s", row)
