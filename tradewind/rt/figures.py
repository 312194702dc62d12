"""The figures that near real time, batch and source must agree on, and where each of the three has them.

Each is read per hour (UTC), all three with the same columns. What counts is said by the dbt macros alone:
they are written in the SQL that PostgreSQL and ClickHouse share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from tradewind.rt.definitions import Manifest


@dataclass(frozen=True)
class Figure:
    """One mart's figures: a query for each place, whose first column is the hour; templates."""

    mart: str
    columns: tuple[str, ...]
    rt: str
    batch: str
    source: str
    news: str
    """The hours of which something arrived after the last build began, so that batch cannot have it yet."""


COMMON = """
{%- macro warehouse_hour(time) -%}
    toStartOfHour(toDateTime(assumeNotNull({{ time }}), 'UTC'))
{%- endmacro -%}
{%- macro in_hours(time) -%}
    {{ time }} >= '{{ start }}' and {{ time }} < '{{ end }}'
{%- endmacro -%}
{%- macro source_hour(time) -%}
    date_trunc('hour', {{ time }} at time zone 'UTC')
{%- endmacro -%}
{%- macro in_source_hours(time) -%}
    {{ time }} >= '{{ start }}+00' and {{ time }} < '{{ end }}+00'
{%- endmacro -%}
{%- macro arrived(state) -%}
    select {{ caller() }} from rt.{{ tables[state] }}
    where arrived_at >= (select max(loaded_at) - interval 1 minute from ops.dbt_watermarks)
{%- endmacro -%}
{%- macro rate(currency) -%} (
    select rate from fx_rates
    where currency = {{ currency }} and rate_date <= (orders.ordered_at at time zone 'UTC')::date
    order by rate_date desc limit 1
) {%- endmacro -%}
"""

ORDER_NEWS = """
select distinct hour from (
    {% call arrived('state_orders') %}toStartOfHour(minute) as hour{% endcall %}
    union all
    select toStartOfHour(minute) as hour from rt.state_orders
    where order_id in ({% call arrived('state_order_items') %}order_id{% endcall %})
)"""

MONEY_NEWS = """
select distinct hour from (
    {% call arrived('state_payments') %}toStartOfHour(minute) as hour{% endcall %}
    union all
    {% call arrived('state_refunds') %}toStartOfHour(minute) as hour{% endcall %}
    union all
    select toStartOfHour(minute) as hour from rt.state_order_money final
    where order_id in ({% call arrived('state_orders') %}order_id{% endcall %})
)"""

EVENT_NEWS = "{% call arrived('state_user_events') %}distinct toStartOfHour(minute){% endcall %}"

BATCH_ORDERS = """
select {{ warehouse_hour('ordered_at') }} as hour, countIf(is_gmv), sum(gmv_amount_reporting),
    countIf(is_cancelled)
from cdm.fact_orders final where not is_test and {{ in_hours('ordered_at') }} group by hour"""

SOURCE_ORDERS = """
select {{ source_hour('orders.ordered_at') }} as hour,
    count(*) filter (where {{ counts_towards_gmv('orders') }}),
    coalesce(sum(lines.amount) filter (where {{ counts_towards_gmv('orders') }}), 0),
    count(*) filter (where orders.status = 'cancelled')
from orders
left join lateral (
    select sum(round(quantity * unit_price * {{ rate('orders.currency') }}, 2)) as amount
    from order_items where order_items.order_id = orders.order_id
) as lines on true
where not orders.is_test and {{ in_source_hours('orders.ordered_at') }} group by hour"""

ORDERS = Figure(
    mart="rt_order_metrics",
    columns=("order_count", "gmv", "cancelled_order_count"),
    rt="""
select toStartOfHour(minute) as hour, sum(order_count), sum(gmv), sum(cancelled_order_count)
from rt.rt_order_metrics where {{ in_hours('minute') }} group by hour""",
    batch=BATCH_ORDERS,
    source=SOURCE_ORDERS,
    news=ORDER_NEWS,
)

HOURS = Figure(
    mart="mv_hourly_gmv",
    columns=("order_count", "gmv", "cancelled_order_count"),
    rt="""
select hour, order_count, gmv, cancelled_order_count
from rt.mv_hourly_gmv where {{ in_hours('hour') }}""",
    batch=BATCH_ORDERS,
    source=SOURCE_ORDERS,
    news=ORDER_NEWS,
)

CATEGORIES = Figure(
    mart="rt_category_velocity",
    columns=("units_sold", "gmv"),
    rt="""
select toStartOfHour(window_start) as hour, sum(units_sold), sum(gmv)
from rt.rt_category_velocity where {{ in_hours('window_start') }} group by hour""",
    batch="""
select {{ warehouse_hour('ordered_at') }} as hour, sum(quantity), sum(line_amount_reporting)
from cdm.fact_order_items final where is_gmv and {{ in_hours('ordered_at') }} group by hour""",
    source="""
select {{ source_hour('orders.ordered_at') }} as hour, sum(quantity),
    coalesce(sum(round(quantity * unit_price * {{ rate('orders.currency') }}, 2)), 0)
from orders join order_items using (order_id)
where {{ counts_towards_gmv('orders') }} and {{ in_source_hours('orders.ordered_at') }} group by hour""",
    news=ORDER_NEWS,
)

REVENUE = Figure(
    mart="rt_revenue_per_minute",
    columns=("received_amount", "refunded_amount"),
    rt="""
select toStartOfHour(minute) as hour, sum(received_amount), sum(refunded_amount)
from rt.rt_revenue_per_minute where {{ in_hours('minute') }} group by hour""",
    batch="""
{%- set paid_at = 'coalesce(captured_at, attempted_at)' %}
select hour, sum(received), sum(refunded) from (
    select {{ warehouse_hour(paid_at) }} as hour, received_amount_reporting as received, 0 as refunded
    from cdm.fact_payments final where is_received and not is_test and {{ in_hours(paid_at) }}
    union all
    select {{ warehouse_hour('refunded_at') }} as hour, 0 as received, refunded_amount_reporting as refunded
    from cdm.fact_returns final where is_refunded and not is_test and {{ in_hours('refunded_at') }}
) group by hour""",
    source="""
{%- set paid_at = 'coalesce(captured_at, attempted_at)' %}
select hour, sum(received), sum(refunded) from (
    select {{ source_hour(paid_at) }} as hour, round(amount * {{ rate('payments.currency') }}, 2) as received,
        0 as refunded
    from payments join orders using (order_id)
    where {{ is_received('payments') }} and not orders.is_test and {{ in_source_hours(paid_at) }}
    union all
    select {{ source_hour('refunded_at') }} as hour, 0 as received,
        round(refund_amount * {{ rate('order_returns.currency') }}, 2) as refunded
    from order_returns join orders using (order_id)
    where {{ is_refunded('order_returns') }} and not orders.is_test and {{ in_source_hours('refunded_at') }}
) as movements group by hour""",
    news=MONEY_NEWS,
)

EVENTS = Figure(
    mart="rt_events_per_minute",
    columns=("event_count", "bot_event_count"),
    rt="""
select toStartOfHour(minute) as hour, sum(event_count), sum(bot_event_count)
from rt.rt_events_per_minute where {{ in_hours('minute') }} group by hour""",
    batch="""
select {{ warehouse_hour('occurred_at') }} as hour, count(), countIf(is_bot)
from ods.ods_user_events final where {{ in_hours('occurred_at') }} group by hour""",
    source="""
select {{ source_hour('occurred_at') }} as hour, count(*), count(*) filter (where is_bot)
from user_events where {{ in_source_hours('occurred_at') }} group by hour""",
    news=EVENT_NEWS,
)

FUNNEL = Figure(
    mart="rt_funnel_metrics",
    columns=("views", "carts", "purchases"),
    rt="""
select toStartOfHour(window_start) as hour, sum(views), sum(carts), sum(purchases)
from rt.rt_funnel_metrics where {{ in_hours('window_start') }} group by hour""",
    batch="""
select {{ warehouse_hour('occurred_at') }} as hour, countIf(event_type = 'product_view'),
    countIf(event_type = 'add_to_cart'), countIf(event_type = 'purchase')
from ods.ods_user_events final where not is_bot and {{ in_hours('occurred_at') }} group by hour""",
    source="""
select {{ source_hour('occurred_at') }} as hour, count(*) filter (where event_type = 'product_view'),
    count(*) filter (where event_type = 'add_to_cart'), count(*) filter (where event_type = 'purchase')
from user_events where not is_bot and {{ in_source_hours('occurred_at') }} group by hour""",
    news=EVENT_NEWS,
)

FIGURES = (ORDERS, HOURS, CATEGORIES, REVENUE, EVENTS, FUNNEL)
"""Events have no fact yet, so batch is their operational store."""


class Queries:
    """Fills the templates in: the hours, and the project's own definitions of what counts."""

    DEFINITIONS = ("counts_towards_gmv", "is_received", "is_refunded")

    def __init__(self, manifest: Manifest, tables: Mapping[str, str]) -> None:
        """`tables`: state -> the table in `rt` that it is in."""
        texts = [manifest["macros"][f"macro.tradewind.{name}"]["macro_sql"] for name in self.DEFINITIONS]
        self._head = COMMON + "".join(texts)
        self._environment = Environment(autoescape=False, undefined=StrictUndefined)  # noqa: S701 - SQL, not HTML
        self._environment.globals["tables"] = dict(tables)

    def render(self, template: str, start: str, end: str) -> str:
        """The query over the hours from `start` to `end` (UTC, exclusive)."""
        return self._environment.from_string(self._head + template).render(start=start, end=end).strip()
