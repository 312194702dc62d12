-- Grain: one row per source row that facts leave out, with the first rule that it breaks. Rows are additive.
{{ config(unique_key=['table_name', 'row_key'], order_by=['table_name', 'row_key']) }}
{#- Table, its key, the column that dates its rows (a moment, or a day by a name that ends in _date), and when it does. -#}
{% set dated_rows = [
    ('orders', 'order_id', 'ordered_at', 'true'),
    ('payments', 'payment_id', 'captured_at', 'true'),
    ('payments', 'payment_id', 'attempted_at', 'captured_at is null'),
    ('payments', 'payment_id', 'charged_back_at', 'true'),
    ('order_returns', 'return_id', 'refunded_at', 'true'),
    ('user_events', 'event_id', 'occurred_at', 'true'),
    ('campaign_spend', ['campaign_id', 'spend_date'], 'spend_date', 'true'),
] %}
{#- Table, its key, and the column that dates the rate of its amounts: rows without that date have none. -#}
{% set converted_rows = [
    ('orders', 'order_id', 'ordered_at'),
    ('payments', 'payment_id', 'coalesce(captured_at, attempted_at)'),
    ('payments', 'payment_id', 'charged_back_at'),
    ('order_returns', 'return_id', 'refunded_at'),
    ('campaign_spend', ['campaign_id', 'spend_date'], 'spend_date'),
] %}
{% set rows_of_orders = [('order_items', 'order_item_id'), ('payments', 'payment_id'), ('order_returns', 'return_id')] %}
with too_late as (
    {% for table, key, column, condition in dated_rows %}
    {%- set day = column if column.endswith('_date') else day_of(column) %}
    select
        '{{ table }}' as table_name,
        {{ row_key_of(key) }} as row_key,
        '{{ column }}' as column_name,
        {{ as_type(day, 'text') }} as value
    from {{ current_rows(ref('ods_' ~ table)) }}
    where {{ day }} > {{ latest_valid_date() }} and {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

unconverted as (
    {% for table, key, column in converted_rows %}
    select
        '{{ table }}' as table_name,
        dated.row_key as row_key,
        dated.currency as value
    from (
        select
            {{ row_key_of(key) }} as row_key,
            currency,
            {{ column if column.endswith('_date') else day_of(column) }} as rate_date
        from {{ current_rows(ref('ods_' ~ table)) }}
        where {{ column }} is not null
    ) as dated
    left join {{ ref('dim_fx_rate') }} as rates on dated.currency = rates.currency and dated.rate_date = rates.rate_date
    where rates.rate is null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

broken as (
    select table_name, row_key, column_name, 'date_too_far_ahead' as rule, value, 1 as place
    from too_late
    union all
    select table_name, row_key, 'currency' as column_name, 'no_exchange_rate' as rule, value, 2 as place
    from unconverted
),

excluded_orders as (
    select distinct {{ as_type('row_key', 'bigint') }} as order_id
    from broken
    where table_name = 'orders'
),

dependants as (
    {% for table, key in rows_of_orders %}
    select
        '{{ table }}' as table_name,
        {{ as_type(key, 'text') }} as row_key,
        {{ as_type('order_id', 'text') }} as value
    from {{ current_rows(ref('ods_' ~ table)) }}
    where order_id in (select order_id from excluded_orders)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

candidates as (
    select * from broken
    union all
    select table_name, row_key, 'order_id' as column_name, 'refers_to_excluded_row' as rule, value, 3 as place
    from dependants
),

ranked as (
    select
        *,
        row_number() over (partition by table_name, row_key order by place, column_name) as choice
    from candidates
),

excluded as (
    select
        {{ not_null('table_name', 'text') }} as table_name,
        {{ not_null('row_key', 'text') }} as row_key,
        {{ as_type('column_name', 'text') }} as column_name,
        {{ as_type('rule', 'text') }} as rule,
        {{ as_type('value', 'text') }} as value
    from ranked
    where choice = 1
)

{{ versions_of('excluded') }}
