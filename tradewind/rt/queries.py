"""Filling in the queries that compare near real time with batch and source.

What counts is said by the dbt macros alone: they are written in the SQL that PostgreSQL, the MySQL family and
ClickHouse share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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
{%- macro revalued(models) -%}
    select toStartOfHour(minute) as hour from rt.{{ tables.state_orders }}
    where minute >= (
        select if(count() = 0, toDate32('2299-12-31'), min(rate_date))
        from rt.{{ tables.state_fx_rates }} where arrived_at >= {{ built_at(models) }}
    )
{%- endmacro -%}
{%- macro reporting_currency() -%} (
    select coalesce(
        max(reporting_currency),
        (select case when count(distinct currency) = 1 then max(currency) end from orders)
    ) from fx_rates
) {%- endmacro -%}
{#- The rate of the order's day; null where there is none. -#}
{%- macro rate(currency) -%}
    {%- set day = 'orders.ordered_at' if dialect == 'mysql' else "orders.ordered_at at time zone 'UTC'" -%}
    case when {{ currency }} = {{ reporting_currency() }} then 1 else (
        select rate from fx_rates
        where currency = {{ currency }} and reporting_currency = {{ reporting_currency() }}
            and rate_date <= cast({{ day }} as date)
        order by rate_date desc limit 1
    ) end
{%- endmacro -%}
{%- macro placed_orders() -%}
    placed as (
        select orders.*, {{ rate('orders.currency') }} as fx_rate from orders
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

    DEFINITIONS = ("counts_towards_gmv", "is_received", "is_refunded")

    def __init__(
        self, manifest: Manifest, tables: Mapping[str, str], dialect: Dialect = "postgresql"
    ) -> None:
        """`tables`: state -> the table in `rt` that it is in; `dialect` is the source's."""
        texts = [manifest["macros"][f"macro.tradewind.{name}"]["macro_sql"] for name in self.DEFINITIONS]
        self._head = COMMON + "".join(texts)
        self._environment = Environment(autoescape=False, undefined=StrictUndefined)  # noqa: S701 - SQL, not HTML
        self._environment.globals.update(tables=dict(tables), dialect=dialect)

    def render(self, template: str, start: str, end: str) -> str:
        """The query over the hours from `start` to `end` (UTC, exclusive)."""
        return self._environment.from_string(self._head + template).render(start=start, end=end).strip()
