"""The shop's headline figures, read from the warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tradewind.rt import states
from tradewind.rt.comparison import Hours, totals
from tradewind.rt.definitions import Manifest
from tradewind.rt.figures import FIGURES
from tradewind.rt.queries import Queries

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

LIVE_HOURS = 7 * 24
SUMMARY = """
select currency, order_count, gmv, revenue, avg_order_value, conversion_rate, cancellation_rate, return_rate
from ads.ads_kpi_summary
where period = 'all_time'
"""
TOP_CATEGORIES = """
select category, sum(gmv) as total from ads.ads_category_trends group by category order by total desc limit 5
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
    [(currency, orders, gmv, revenue, average, conversion, cancellation, returned)] = client.query(
        SUMMARY
    ).result_rows
    zone, by_hour = orders_by_hour(client)
    return {
        "currency": currency,
        "orders": orders,
        "gmv": str(gmv),
        "revenue": str(revenue),
        "average order value": None if average is None else f"{average:.2f}",
        "conversion rate": _percent(conversion),
        "cancellation rate": _percent(cancellation),
        "return rate": _percent(returned),
        "top categories": {
            category: str(total) for category, total in client.query(TOP_CATEGORIES).result_rows
        },
        "time zone": zone,
        "orders by hour": by_hour,
    }


def live_figures(client: Client, manifest: Manifest) -> dict[str, dict[str, str]]:
    """What near real time and batch have for the hours of the last week that are over: figure -> both."""
    queries = Queries(manifest, states.tables(client))
    hours = Hours.before(datetime.now(UTC), LIVE_HOURS)
    return {
        f"{figure.mart} {name}": {"live": str(total.live), "batch": str(total.batch)}
        for figure in FIGURES
        for name, total in totals(client, figure, queries, hours).items()
    }


def orders_by_hour(client: Client) -> tuple[str, list[int]]:
    """Orders by hour of the day, 0 to 23, in the time zone of the warehouses (UTC where there are none)."""
    [(zone,)] = client.query(HOME_ZONE).result_rows
    counts = [0] * 24
    for hour, count in client.query(BY_HOUR, parameters={"zone": zone or "UTC"}).result_rows:
        counts[hour] = count
    return zone or "UTC", counts


def _percent(rate: float | None) -> str | None:
    """`3.21%`."""
    return None if rate is None else f"{rate:.2%}"
