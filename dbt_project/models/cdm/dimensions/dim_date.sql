-- Grain: one row per calendar day, for all years from the first to the last date in the data, at least those from the
-- variable calendar_start to calendar_end. Nothing is additive.
{% set dated_columns = {
    'ods_orders': ['ordered_at'],
    'ods_payments': ['attempted_at', 'captured_at'],
    'ods_order_returns': ['refunded_at'],
    'ods_user_events': ['occurred_at'],
    'ods_campaign_spend': ['spend_date'],
    'ods_fx_rates': ['rate_date'],
} %}
with dates as (
    select
        {{ as_type("'" ~ var('calendar_start') ~ "'", 'date') }} as first_date,
        {{ as_type("'" ~ var('calendar_end') ~ "'", 'date') }} as last_date
    {% for model, columns in dated_columns.items() -%}
    {%- for column in columns -%}
    {%- set day = column if column.endswith('_date') else day_of(column) -%}
    union all
    select
        min({{ day }}) as first_date,
        max(case when {{ day }} <= {{ latest_valid_date() }} then {{ day }} end) as last_date
    from {{ current_rows(ref(model)) }}
    {% endfor -%}
    {%- endfor -%}
),

years as (
    select
        {{ start_of('year', 'min(first_date)') }} as first_date,
        {{ as_type(start_of('year', 'max(last_date)') ~ ' + interval 1 year - interval 1 day', 'date') }} as last_date
    from dates
),

days as (
    select {{ each_day('first_date', 'last_date') }} as calendar_date
    from years
)

select
    {{ not_null('calendar_date', 'date') }} as calendar_date,
    {{ date_part_of('year', 'calendar_date') }} as year,
    {{ date_part_of('quarter', 'calendar_date') }} as quarter,
    {{ date_part_of('month', 'calendar_date') }} as month,
    {{ date_part_of('day_of_month', 'calendar_date') }} as day_of_month,
    {{ date_part_of('day_of_year', 'calendar_date') }} as day_of_year,
    {{ date_part_of('iso_year', 'calendar_date') }} as iso_year,
    {{ date_part_of('iso_week', 'calendar_date') }} as iso_week,
    {{ date_part_of('iso_day_of_week', 'calendar_date') }} as iso_day_of_week,
    {{ start_of('month', 'calendar_date') }} as month_start_date,
    {{ start_of('week', 'calendar_date') }} as week_start_date,
    {{ as_type(date_part_of('iso_day_of_week', 'calendar_date') ~ ' >= 6', 'boolean') }} as is_weekend
from days
