"""The marts (and two of the tables below them) once more, computed from PostgreSQL alone.

A build must equal it, whatever happened before.

Belongs here: per mart one statement on the shop's database and one that reads the mart, with equal columns.
Money is compared exactly, in the reporting currency: each line, payment and refund at its order's day's rate.
"""

from __future__ import annotations

from typing import Any

import psycopg
import yaml
from clickhouse_connect.driver.client import Client

from tradewind.settings import PROJECT_ROOT
from tradewind.source.catalog import read_tables

VARIABLES = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]


def tier_of(gmv: str, rating: str) -> str:
    """The tier of a seller, by SQL for both figures."""
    figures = {"gmv_amount_reporting": gmv, "rating_avg": rating}
    *upper, lowest = VARIABLES["seller_tiers"]
    cases = []
    for tier in upper:
        reached = " and ".join(f"{figures[name]} >= {least}" for name, least in tier["at_least"].items())
        cases.append(f"when {reached} then '{tier['name']}'")
    return f"case {' '.join(cases)} else '{lowest['name']}' end"


GMV_ORDERS = """
    select *, (ordered_at at time zone 'UTC')::date as order_date,
        not is_test and not (status = 'cancelled' and paid_at is null) as is_gmv,
        (
            select rate from fx_rates
            where currency = orders.currency and rate_date <= (ordered_at at time zone 'UTC')::date
            order by rate_date desc limit 1
        ) as rate
    from orders
"""
GMV_LINES = f"""
    select i.*, o.order_date, o.is_gmv, o.is_test, o.user_id, o.status, o.rate,
        o.delivered_at is not null as is_delivered, o.delivered_at > o.estimated_delivery_at as is_late,
        round(i.unit_price * i.quantity * o.rate, 2) as line_amount
    from order_items i join ({GMV_ORDERS}) o using (order_id)
"""
RETURNS_PER_PRODUCT = f"""
    select l.product_id, count(distinct r.return_id) as return_count
    from order_returns r
        join ({GMV_LINES}) l
            on l.order_id = r.order_id and coalesce(r.order_item_id, l.order_item_id) = l.order_item_id
    where not l.is_test
    group by 1
"""
REVIEWS_PER_PRODUCT = """
    select r.product_id, count(*) as review_count, round(avg(r.rating), 2) as rating_avg
    from reviews r join orders o using (order_id)
    where not o.is_test
    group by 1
"""
REVIEWS_PER_SELLER = f"""
    select seller_id, count(*) as review_count, round(avg(rating), 2) as rating_avg
    from (
        select distinct l.seller_id, r.review_id, r.rating
        from reviews r
            join ({GMV_LINES}) l
                on l.order_id = r.order_id and coalesce(r.product_id, l.product_id) = l.product_id
        where not l.is_test
    ) reviewed
    group by 1
"""
LINES_PER_ORDER = (
    f"select order_id, sum(line_amount) as amount, sum(quantity) as units from ({GMV_LINES}) l group by 1"
)
GMV_OF_SELLER = "coalesce(sum(l.line_amount) filter (where l.is_gmv), 0)"
COMMISSION_RATE = f"coalesce(s.commission_rate, {VARIABLES['standard_commission_rate']})"
COMMISSION = f"round(l.unit_price * l.quantity * {COMMISSION_RATE}, 2)"

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
        f"""
        with movements as (
            select (coalesce(p.captured_at, p.attempted_at) at time zone 'UTC')::date as day,
                round(p.amount * o.rate, 2) as amount
            from payments p join ({GMV_ORDERS}) o using (order_id)
            where p.status = 'captured' and not o.is_test
            union all
            select (r.refunded_at at time zone 'UTC')::date, -round(r.refund_amount * o.rate, 2)
            from order_returns r join ({GMV_ORDERS}) o using (order_id)
            where r.status = 'refunded' and not o.is_test
        )
        select day, sum(amount) from movements group by day
        """,
        "select event_date, total_revenue from ads.ads_revenue_daily",
    ),
    "ads_product_performance": (
        f"""
        select p.product_id, p.product_name, count(distinct l.order_id), coalesce(sum(l.quantity), 0)::bigint,
            coalesce(sum(l.line_amount), 0), min(l.order_date), max(l.order_date),
            sum(round(((l.unit_price - l.unit_cost) * l.quantity - l.discount_amount) * l.rate, 2)),
            coalesce(max(returned.return_count), 0),
            coalesce(max(rated.review_count), 0), max(rated.rating_avg)
        from products p
            left join ({GMV_LINES}) l on l.product_id = p.product_id and l.is_gmv
            left join ({RETURNS_PER_PRODUCT}) returned on returned.product_id = p.product_id
            left join ({REVIEWS_PER_PRODUCT}) rated on rated.product_id = p.product_id
        group by 1, 2
        """,
        """
        select product_id, product_name, order_count, units_sold, gmv, first_sold_date, last_sold_date,
            gross_margin, return_count, review_count, rating_avg
        from ads.ads_product_performance
        """,
    ),
    "ads_seller_scorecard": (
        f"""
        select s.seller_id, s.seller_name, count(distinct l.order_id),
            count(distinct l.order_id) filter (where l.is_gmv),
            count(distinct l.order_id) filter (where l.status = 'cancelled'),
            coalesce(sum(l.quantity) filter (where l.is_gmv), 0)::bigint,
            {GMV_OF_SELLER},
            coalesce(sum(round({COMMISSION} * l.rate, 2)) filter (where l.is_gmv), 0),
            count(distinct l.order_id) filter (where l.is_late)::float8
                / nullif(count(distinct l.order_id) filter (where l.is_delivered), 0),
            coalesce(max(reviews.review_count), 0), max(reviews.rating_avg),
            {tier_of(GMV_OF_SELLER, "coalesce(max(reviews.rating_avg), 0)")}
        from sellers s
            left join ({GMV_LINES}) l on l.seller_id = s.seller_id and not l.is_test
            left join ({REVIEWS_PER_SELLER}) reviews on reviews.seller_id = s.seller_id
        group by 1, 2
        """,
        """
        select seller_id, seller_name, placed_order_count, order_count,
            toInt64(round(coalesce(cancellation_rate, 0) * placed_order_count)), units_sold, gmv, commission,
            late_delivery_rate, review_count, rating_avg, tier
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
            coalesce(sum(amount), 0),
            5 - 5 * (rank() over (order by max(order_date) desc) - 1) / count(*) over (),
            case when count(*) >= 6 then 5 when count(*) >= 4 then 4 else count(*) end,
            5 - 5 * (rank() over (order by coalesce(sum(amount), 0) desc) - 1) / count(*) over ()
        from ({GMV_ORDERS}) o left join ({LINES_PER_ORDER}) l using (order_id)
        where is_gmv
        group by user_id
        """,
        """
        select user_id, order_count, first_order_date, last_order_date, recency_days, gmv,
            recency_score, frequency_score, monetary_score
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
