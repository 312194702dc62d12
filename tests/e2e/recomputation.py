"""The marts (and two of the tables below them) once more, computed from PostgreSQL alone.

A build must equal it, whatever happened before.

Belongs here: per mart one statement on the shop's database and one that reads the mart, with equal columns.
Money is compared exactly. The data is all in the reporting currency, so rates are left out.
"""

from __future__ import annotations

from typing import Any

import psycopg
from clickhouse_connect.driver.client import Client

from tradewind.marketplace.catalog import read_tables

GMV_ORDERS = """
    select *, (ordered_at at time zone 'UTC')::date as order_date,
        not is_test and not (status = 'cancelled' and paid_at is null) as is_gmv
    from orders
"""
GMV_LINES = f"""
    select i.*, o.order_date, o.is_gmv, o.user_id, o.status, i.unit_price * i.quantity as line_amount
    from order_items i join ({GMV_ORDERS}) o using (order_id)
"""
LINES_PER_ORDER = (
    f"select order_id, sum(line_amount) as amount, sum(quantity) as units from ({GMV_LINES}) l group by 1"
)

MARTS: dict[str, tuple[str, str]] = {
    "ods_products": (
        "select product_id, product_name, md5(description) from products",
        "select product_id, product_name, lower(hex(MD5(description))) from ods.ods_products",
    ),
    "ods_payments": (
        "select payment_id, order_id, status, amount, updated_at at time zone 'UTC' from payments",
        "select payment_id, order_id, status, amount, updated_at from ods.ods_payments",
    ),
    "ads_daily_gmv": (
        f"""
        select order_date, count(*), count(*) filter (where is_gmv),
            count(*) filter (where status = 'cancelled'), count(distinct user_id) filter (where is_gmv),
            coalesce(sum(units) filter (where is_gmv), 0)::bigint,
            coalesce(sum(amount) filter (where is_gmv), 0)
        from ({GMV_ORDERS}) o left join ({LINES_PER_ORDER}) l using (order_id)
        where not is_test
        group by order_date
        """,
        """
        select order_date, placed_order_count, order_count, cancelled_order_count, unique_buyers,
            item_count, gmv
        from ads.ads_daily_gmv
        """,
    ),
    "ads_revenue_daily": (
        """
        with movements as (
            select (coalesce(p.captured_at, p.attempted_at) at time zone 'UTC')::date as day, p.amount
            from payments p join orders o using (order_id) where p.status = 'captured' and not o.is_test
            union all
            select (r.refunded_at at time zone 'UTC')::date, -r.refund_amount
            from order_returns r join orders o using (order_id) where r.status = 'refunded' and not o.is_test
        )
        select day, sum(amount) from movements group by day
        """,
        "select event_date, total_revenue from ads.ads_revenue_daily",
    ),
    "ads_product_performance": (
        f"""
        select p.product_id, p.product_name, count(distinct l.order_id), coalesce(sum(l.quantity), 0)::bigint,
            coalesce(sum(l.line_amount), 0), min(l.order_date), max(l.order_date)
        from products p left join ({GMV_LINES}) l on l.product_id = p.product_id and l.is_gmv
        group by 1, 2
        """,
        """
        select product_id, product_name, order_count, units_sold, gmv, first_sold_date, last_sold_date
        from ads.ads_product_performance
        """,
    ),
    "ads_seller_scorecard": (
        f"""
        select s.seller_id, s.seller_name, count(distinct l.order_id),
            count(distinct l.order_id) filter (where l.is_gmv),
            count(distinct l.order_id) filter (where l.status = 'cancelled'),
            coalesce(sum(l.quantity) filter (where l.is_gmv), 0)::bigint,
            coalesce(sum(l.line_amount) filter (where l.is_gmv), 0)
        from sellers s left join ({GMV_LINES}) l using (seller_id)
        group by 1, 2
        """,
        """
        select seller_id, seller_name, placed_order_count, order_count,
            toInt64(round(coalesce(cancellation_rate, 0) * placed_order_count)), units_sold, gmv
        from ads.ads_seller_scorecard
        """,
    ),
    "ads_category_trends": (
        f"""
        with recursive paths as (
            select category_id, category_name as department, null::text as category from categories
            where parent_id is null
            union all
            select c.category_id, p.department, coalesce(p.category, c.category_name)
            from categories c join paths p on c.parent_id = p.category_id
        )
        select date_trunc('month', l.order_date)::date, coalesce(paths.department, 'unclassified'),
            coalesce(paths.category, paths.department, 'unclassified'),
            count(distinct l.order_id), sum(l.quantity)::bigint, sum(l.line_amount)
        from ({GMV_LINES}) l join products p using (product_id) left join paths using (category_id)
        where l.is_gmv
        group by 1, 2, 3
        """,
        """
        select month_start_date, department, category, order_count, units_sold, gmv
        from ads.ads_category_trends
        """,
    ),
    "ads_customer_rfm": (
        f"""
        select user_id, count(*), min(order_date), max(order_date),
            (select max(order_date) from ({GMV_ORDERS}) o where is_gmv) - max(order_date),
            coalesce(sum(amount), 0)
        from ({GMV_ORDERS}) o left join ({LINES_PER_ORDER}) l using (order_id)
        where is_gmv
        group by user_id
        """,
        """
        select user_id, order_count, first_order_date, last_order_date, recency_days, gmv
        from ads.ads_customer_rfm
        """,
    ),
}


def differences(shop: psycopg.Connection, warehouse: Client) -> dict[str, dict[str, list[Any]]]:
    """Per mart that differs from its recomputation: up to five rows that are missing and extra."""
    found = _row_counts(shop, warehouse)
    for mart, (recomputation, reading) in MARTS.items():
        wanted = set(shop.execute(recomputation).fetchall())
        got = [tuple(row) for row in warehouse.query(reading).result_rows]
        missing, extra = wanted - set(got), set(got) - wanted
        if missing or extra or len(got) != len(wanted):
            found[mart] = {"missing": sorted(missing, key=str)[:5], "extra": sorted(extra, key=str)[:5]}
    return found


def _row_counts(shop: psycopg.Connection, warehouse: Client) -> dict[str, dict[str, list[Any]]]:
    """Each source table whose number of rows is not that of its ODS table."""
    found = {}
    for table in read_tables(shop):
        wanted = shop.execute(f"select count(*) from {table.name}").fetchall()
        got = [tuple(row) for row in warehouse.query(f"select count() from ods.ods_{table.name}").result_rows]
        if got != wanted:
            found[f"rows of ods_{table.name}"] = {"missing": wanted, "extra": got}
    return found
