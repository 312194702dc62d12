"""The shop's headline figures: metrics, and what near real time has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tradewind.metrics.answers import Value, answer, total
from tradewind.metrics.questions import Question
from tradewind.rt import states
from tradewind.rt.comparison import Hours, totals
from tradewind.rt.definitions import Manifest
from tradewind.rt.figures import FIGURES
from tradewind.rt.queries import Queries
from tradewind.settings import reporting_time_zone

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.metrics.compiler import Compiler

LIVE_HOURS = 7 * 24
METRICS = {
    "orders": "order_count",
    "gmv": "gmv",
    "revenue": "revenue",
    "average order value": "avg_order_value",
    "conversion rate": "conversion_rate",
    "cancellation rate": "cancellation_rate",
    "return rate": "return_rate",
}
TOP_CATEGORIES = 5
CURRENCY = "select max(currency) from ads.ads_daily_gmv"
BY_HOUR = """
select toHour(toTimeZone(ordered_at, {zone:String})) as hour, count() as orders
from cdm.fact_orders
where not is_test
group by hour
"""


def kpis(client: Client, compiler: Compiler) -> dict[str, Any]:
    """Amounts are exact and in the reporting currency; a figure that the data cannot give is None."""
    [(currency,)] = client.query(CURRENCY).result_rows
    zone, by_hour = orders_by_hour(client)
    figures = {name: _shown(total(client, compiler, metric)) for name, metric in METRICS.items()}
    by_category = answer(client, compiler, Question("gmv", ("category",))).greatest(TOP_CATEGORIES)
    return {
        "currency": currency,
        **figures,
        "top categories": {category: str(gmv) for category, gmv in by_category},
        "time zone": zone,
        "orders by hour": by_hour,
    }


def live_figures(client: Client, manifest: Manifest) -> dict[str, dict[str, str]]:
    """What near real time and batch have for the hours of the last week that are over: figure -> both."""
    queries = Queries(manifest, states.tables(client), reporting_time_zone())
    hours = Hours.before(datetime.now(UTC), LIVE_HOURS)
    return {
        f"{figure.mart} {name}": {"live": str(total.live), "batch": str(total.batch)}
        for figure in FIGURES
        for name, total in totals(client, figure, queries, hours).items()
    }


def orders_by_hour(client: Client) -> tuple[str, list[int]]:
    """Orders by hour of the day, 0 to 23, in the reporting time zone."""
    zone = reporting_time_zone()
    counts = [0] * 24
    for hour, count in client.query(BY_HOUR, parameters={"zone": zone}).result_rows:
        counts[hour] = count
    return zone, counts


def _shown(value: Value) -> int | str | None:
    """Money as exact text, a rate as `3.21%`."""
    if isinstance(value, Decimal):
        return str(value)
    return f"{value:.2%}" if isinstance(value, float) else value
