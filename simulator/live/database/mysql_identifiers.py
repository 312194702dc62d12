"""New identifiers on a MySQL-family server, taken from the tables' own counters in blocks.

A counter advances when a row is inserted and does not go back on rollback. With an increment as large as the
block, one inserted and rolled back row reserves the whole block.
"""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.source.mysql.connection import Connection

# A minimal valid row of each table.
_MINIMAL_ROW = {
    "users": "(country, registered_at) values ('TH', now())",
    "customers": "(user_id, country) values (0, 'TH')",
    "orders": "(customer_id, user_id, channel, currency, subtotal_amount, total_amount, ship_to_country, "
    "ordered_at) values (0, 0, 'app', 'THB', 0, 0, 'TH', now())",
    "order_items": "(order_id, line_number, sku_id, product_id, seller_id, quantity, unit_price) "
    "select 0, 1, sku_id, product_id, 0, 1, 0 from product_skus limit 1",
    "payments": "(order_id, sequence_number, method, currency, amount, attempted_at) "
    "values (0, 1, 'unknown', 'THB', 0, now())",
    "shipments": "(order_id, currency) values (0, 'THB')",
    "order_returns": "(order_id, reason, currency, requested_at) values (0, 'other', 'THB', now())",
    "payouts": "(payer_type, payer, currency, gross_amount, fee_amount, net_amount, period_starts_at, "
    "period_ends_at) values ('gateway', '', 'THB', 0, 0, 0, now(), now() + interval 1 day)",
    "carts": "(currency, opened_at) values ('THB', now())",
    "vouchers": "(voucher_code, voucher_type, value, currency, usage_limit, starts_at, ends_at) "
    "values (uuid(), 'fixed_amount', 0, 'THB', 1, now(), now() + interval 1 day)",
    "flash_sales": "(sku_id, sale_price, quota, starts_at, ends_at) "
    "values (0, 0, 1, now(), now() + interval 1 day)",
    "labels.attacks": "(attack_kind, started_at, ended_at) values ('velocity', now(), now())",
}


def take_block(connection: Connection, table: str, count: int) -> Sequence[int]:
    """Reserve consecutive identifiers; the connection must not be in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("set foreign_key_checks = 0, auto_increment_increment = %s", (count,))
        try:
            connection.begin()
            cursor.execute(f"insert into {table} {_MINIMAL_ROW[table]}")
            first = int(cursor.lastrowid)
        finally:
            if connection.open:
                connection.rollback()
                cursor.execute("set foreign_key_checks = 1, auto_increment_increment = default")
        return range(first, first + count)
