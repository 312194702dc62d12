"""Filling in the queries that compare near real time with batch and source.

What counts is said by the dbt macros alone: they are written in the SQL that PostgreSQL, the MySQL family and
ClickHouse share.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined

from tradewind.rt.definitions import Manifest

Dialect = Literal["postgresql", "mysql"]

COMMON = """
{%- macro warehouse_hour(time) -%}
    toStartOfHour(toDateTime(assumeNotNull({{ time }}), 'UTC'))
{%- endmacro -%}
{%- macro in_hours(time) -%}
    {{ time }} >= '{{ start }}' and {{ time }} < '{{ end }}'
{%- endmacro -%}
{%- macro source_hour(time) -%}
    {%- if dialect == 'mysql' -%} cast(date_format({{ time }}, '%Y-%m-%d %H:00:00') as datetime)
    {%- else -%} date_trunc('hour', {{ time }} at time zone 'UTC')
    {%- endif -%}
{%- endmacro -%}
{%- macro in_source_hours(time) -%}
    {%- set zone = '' if dialect == 'mysql' else '+00' -%}
    {{ time }} >= '{{ start }}{{ zone }}' and {{ time }} < '{{ end }}{{ zone }}'
{%- endmacro -%}
{%- macro built_at(models) -%} (
    select min(loaded_at) - interval 1 minute from ops.dbt_models final
    where model in ('{{ models | join("', '") }}')
) {%- endmacro -%}
{%- macro arrived(state, models) -%}
    select {{ caller() }} from rt.{{ tables[state] }} where arrived_at >= {{ built_at(models) }}
{%- endmacro -%}
{%- macro revalued(models, rows='rt.' ~ tables.state_orders) -%}
    select toStartOfHour(minute) as hour from {{ rows }}
    where minute >= (
        select if(count() = 0, toDate32('2299-12-31'), min(rate_date) - 1)
        from rt.{{ tables.state_fx_rates }} where arrived_at >= {{ built_at(models) }}
    )
{%- endmacro -%}
{%- macro reporting_currency() -%} (
    select coalesce(
        max(reporting_currency),
        (select case when count(distinct currency) = 1 then max(currency) end from orders)
    ) from fx_rates
) {%- endmacro -%}
{#- The shop's day of a moment. -#}
{%- macro source_day(time) -%}
    {%- if dialect == 'mysql' -%}
    cast(date_add({{ time }}, interval case
        {%- for moment, seconds in utc_offsets() %}
        {%- if not loop.last %} when {{ time }} >= '{{ moment }}' then {{ seconds }}
        {%- else %} else {{ seconds }} end
        {%- endif %}
        {%- endfor %} second) as date)
    {%- else -%} cast({{ time }} at time zone '{{ zone }}' as date)
    {%- endif -%}
{%- endmacro -%}
{#- The rate of a moment's day; null where there is none. -#}
{%- macro rate(currency, time) -%}
    case when {{ currency }} = {{ reporting_currency() }} then 1 else (
        select rate from fx_rates
        where currency = {{ currency }} and reporting_currency = {{ reporting_currency() }}
            and rate_date <= {{ source_day(time) }}
        order by rate_date desc limit 1
    ) end
{%- endmacro -%}
{#- Whether an order, of `orders` joined with `users`, is left out of business figures. -#}
{%- macro is_test_order() -%}
    (orders.is_test or {{ is_left_out('users') }})
{%- endmacro -%}
{%- macro placed_orders() -%}
    placed as (
        select orders.order_id, orders.status, orders.ordered_at, orders.paid_at,
            {{ is_test_order() }} as is_test,
            {{ rate('orders.currency', 'orders.ordered_at') }} as fx_rate
        from orders join users on users.user_id = orders.user_id
        where {{ in_source_hours('orders.ordered_at') }}
    ),
    amounts as (
        select placed.order_id, sum(quantity) as quantity,
            sum(round(quantity * unit_price * fx_rate, 2)) as amount
        from placed join order_items on order_items.order_id = placed.order_id group by placed.order_id
    )
{%- endmacro -%}
"""


class Queries:
    """Fills the templates in: the hours, and the project's own definitions of what counts."""

    DEFINITIONS = ("is_left_out", "counts_towards_gmv", "is_received", "is_refunded")

    def __init__(
        self, manifest: Manifest, tables: Mapping[str, str], zone: str, dialect: Dialect = "postgresql"
    ) -> None:
        """`tables`: state -> its table in `rt`; `zone`: the shop's time zone; `dialect` is the source's."""
        texts = [manifest["macros"][f"macro.tradewind.{name}"]["macro_sql"] for name in self.DEFINITIONS]
        self._head = COMMON + "".join(texts)
        self._environment = Environment(autoescape=False, undefined=StrictUndefined)  # noqa: S701 - SQL, not HTML
        self._environment.globals.update(
            tables=dict(tables), dialect=dialect, zone=zone, utc_offsets=lambda: utc_offsets(zone)
        )

    def render(self, template: str, start: str, end: str) -> str:
        """The query over the hours from `start` to `end` (UTC, exclusive)."""
        return self._environment.from_string(self._head + template).render(start=start, end=end).strip()


@lru_cache
def utc_offsets(zone: str) -> list[tuple[str, int]]:
    """Since when (UTC) a zone's clocks differ from UTC by so many seconds, latest first.

    From ten years ago to two years ahead; for a database server that knows no time zones.
    """
    local = ZoneInfo(zone)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    moment, end = now - timedelta(days=3650), now + timedelta(days=730)
    found: list[tuple[str, int]] = []
    while moment < end:
        offset = moment.astimezone(local).utcoffset() or timedelta()
        if not found or found[-1][1] != offset.total_seconds():
            found.append((f"{moment:%Y-%m-%d %H:%M:%S}", int(offset.total_seconds())))
        moment += timedelta(hours=1)
    return found[::-1]
