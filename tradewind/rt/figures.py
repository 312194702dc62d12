"""The figures that near real time, batch and source must agree on, and where each of the three has them.

Each is read per hour (UTC), all three with the same columns. The queries are templates (`queries`).
"""

from __future__ import annotations

from dataclasses import dataclass


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


ORDER_NEWS = """
{%- set models = (
    'ods.ods_orders', 'ods.ods_order_items', 'ods.ods_users', 'ods.ods_fx_rates',
    'cdm.fact_order_items', 'cdm.fact_orders'
) %}
select distinct hour from (
    {% call arrived('state_orders', models) %}toStartOfHour(minute) as hour{% endcall %}
    union all
    select toStartOfHour(minute) as hour from rt.state_orders
    where order_id in ({% call arrived('state_order_items', models) %}order_id{% endcall %})
        or user_id in ({% call arrived('state_users', models) %}user_id{% endcall %})
    union all
    {{ revalued(models) }}
)"""

MONEY_NEWS = """
{%- set models = (
    'ods.ods_orders', 'ods.ods_payments', 'ods.ods_order_returns', 'ods.ods_users', 'ods.ods_fx_rates',
    'cdm.fact_payments', 'cdm.fact_returns'
) %}
select distinct hour from (
    {% call arrived('state_payments', models) %}toStartOfHour(minute) as hour{% endcall %}
    union all
    {% call arrived('state_refunds', models) %}toStartOfHour(minute) as hour{% endcall %}
    union all
    select toStartOfHour(minute) as hour from rt.state_order_money final
    where order_id in (
        {% call arrived('state_orders', models) %}order_id{% endcall %}
        union distinct
        select order_id from rt.state_orders where toStartOfHour(minute) in ({{ revalued(models) }})
    )
        or user_id in ({% call arrived('state_users', models) %}user_id{% endcall %})
    union all
    {{ revalued(models, 'rt.state_order_money') }}
)"""

EVENT_NEWS = """
{%- set models = ('ods.ods_user_events', 'ods.ods_users') %}
select distinct hour from (
    {% call arrived('state_user_events', models) %}toStartOfHour(minute) as hour{% endcall %}
    union all
    select toStartOfHour(minute) as hour from rt.state_user_events
    where user_id in ({% call arrived('state_users', models) %}user_id{% endcall %})
)"""

BATCH_ORDERS = """
select {{ warehouse_hour('ordered_at') }} as hour, countIf(is_gmv), sum(gmv_amount_reporting),
    countIf(is_cancelled)
from cdm.fact_orders final where not is_test and {{ in_hours('ordered_at') }} group by hour"""

SOURCE_ORDERS = """
with {{ placed_orders() }}
select {{ source_hour('placed.ordered_at') }} as hour,
    count(case when {{ counts_towards_gmv('placed') }} then 1 end),
    coalesce(sum(case when {{ counts_towards_gmv('placed') }} then amounts.amount end), 0),
    count(case when placed.status = 'cancelled' then 1 end)
from placed left join amounts on amounts.order_id = placed.order_id
where not placed.is_test and placed.fx_rate is not null group by hour"""

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
with {{ placed_orders() }}
select {{ source_hour('placed.ordered_at') }} as hour, sum(amounts.quantity), sum(amounts.amount)
from placed join amounts on amounts.order_id = placed.order_id
where {{ counts_towards_gmv('placed') }} and placed.fx_rate is not null group by hour""",
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
    select {{ source_hour(paid_at) }} as hour,
        round(amount * {{ rate('payments.currency', paid_at) }}, 2) as received, 0 as refunded
    from payments
        join orders on orders.order_id = payments.order_id join users on users.user_id = orders.user_id
    where {{ is_received('payments') }} and not {{ is_test_order() }} and {{ in_source_hours(paid_at) }}
        and {{ rate('orders.currency', 'orders.ordered_at') }} is not null
        and {{ rate('payments.currency', paid_at) }} is not null
    union all
    select {{ source_hour('refunded_at') }} as hour, 0 as received,
        round(refund_amount * {{ rate('order_returns.currency', 'refunded_at') }}, 2) as refunded
    from order_returns
        join orders on orders.order_id = order_returns.order_id join users on users.user_id = orders.user_id
    where {{ is_refunded('order_returns') }} and not {{ is_test_order() }}
        and {{ in_source_hours('refunded_at') }}
        and {{ rate('orders.currency', 'orders.ordered_at') }} is not null
        and {{ rate('order_returns.currency', 'refunded_at') }} is not null
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
select {{ source_hour('occurred_at') }} as hour, count(*), count(case when is_bot then 1 end)
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
from ods.ods_user_events final
where not is_bot and {{ in_hours('occurred_at') }}
    and not coalesce(user_id in (
        select user_id from ods.ods_users as users final where {{ is_left_out('users') }}
    ), false) group by hour""",
    source="""
select {{ source_hour('occurred_at') }} as hour,
    count(case when event_type = 'product_view' then 1 end),
    count(case when event_type = 'add_to_cart' then 1 end),
    count(case when event_type = 'purchase' then 1 end)
from user_events left join users on users.user_id = user_events.user_id
where not user_events.is_bot and not coalesce({{ is_left_out('users') }}, false)
    and {{ in_source_hours('occurred_at') }} group by hour""",
    news=EVENT_NEWS,
)

FIGURES = (ORDERS, HOURS, CATEGORIES, REVENUE, EVENTS, FUNNEL)
"""Events have no fact yet, so batch is their operational store."""
