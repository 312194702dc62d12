"""The shop's headline figures, read from the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

SOLD = """
select max(currency), sum(order_count), sum(gmv), sum(cancelled_order_count), sum(placed_order_count)
from ads.ads_daily_gmv
"""
REVENUE = "select sum(total_revenue) from ads.ads_revenue_daily"
TOP_CATEGORIES = """
select category, sum(gmv) as total from ads.ads_category_trends group by category order by total desc limit 5
"""
CONVERSION = """
select sum(buyers) as bought, sum(users) as visited
from (
    select
        toDate(occurred_at) as event_date,
        uniqExact(coalesce(toString(user_id), device_fingerprint, session_id)) as users,
        uniqExactIf(user_id, event_type = 'purchase') as buyers
    from ods.ods_user_events
    where not is_bot
    group by event_date
)
"""
RETURNED = """
select
    uniqExactIf(order_id, order_id in (select order_id from cdm.fact_returns)) as returned,
    uniqExact(order_id) as delivered
from cdm.fact_orders
where is_delivered and not is_test
"""
HOME_ZONE = "select coalesce(max(time_zone), 'UTC') from ods.ods_warehouses"
BY_HOUR = """
select toHour(toTimeZone(ordered_at, {zone:String})) as hour, count() as orders
from cdm.fact_orders
where not is_test
group by hour
"""


def kpis(client: Client) -> dict[str, Any]:
    """Amounts are exact and in the reporting currency; a figure that the data cannot give is None."""
    [(currency, orders, gmv, cancelled, placed)] = client.query(SOLD).result_rows
    [(revenue,)] = client.query(REVENUE).result_rows
    [(bought, visited)] = client.query(CONVERSION).result_rows
    [(returned, delivered)] = client.query(RETURNED).result_rows
    zone, by_hour = orders_by_hour(client)
    return {
        "currency": currency,
        "orders": orders,
        "gmv": str(gmv),
        "revenue": str(revenue),
        "average order value": f"{gmv / orders:.2f}" if orders else None,
        "conversion rate": _rate(bought, visited),
        "cancellation rate": _rate(cancelled, placed),
        "return rate": _rate(returned, delivered),
        "top categories": {
            category: str(total) for category, total in client.query(TOP_CATEGORIES).result_rows
        },
        "time zone": zone,
        "orders by hour": by_hour,
    }


def orders_by_hour(client: Client) -> tuple[str, list[int]]:
    """Orders by hour of the day, 0 to 23, in the time zone of the warehouses (UTC where there are none)."""
    [(zone,)] = client.query(HOME_ZONE).result_rows
    counts = [0] * 24
    for hour, count in client.query(BY_HOUR, parameters={"zone": zone or "UTC"}).result_rows:
        counts[hour] = count
    return zone or "UTC", counts


def _rate(part: int, whole: int) -> str | None:
    """`3.21%`."""
    return f"{part / whole:.2%}" if whole else None
