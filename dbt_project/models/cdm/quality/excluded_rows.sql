-- Grain: one row per source row that facts leave out, with the first rule that it breaks. Rows are additive.
{{ config(unique_key=['table_name', 'row_key'], order_by=['table_name', 'row_key']) }}
{#- Table, its key, the column that dates its rows, and when that column does. -#}
{% set dated_rows = [
    ('orders', 'order_id', 'ordered_at', 'true'),
    ('payments', 'payment_id', 'captured_at', 'true'),
    ('payments', 'payment_id', 'attempted_at', 'captured_at is null'),
    ('order_returns', 'return_id', 'refunded_at', 'true'),
    ('user_events', 'event_id', 'occurred_at', 'true'),
] %}
{% set converted_rows = [('payments', 'payment_id'), ('order_returns', 'return_id')] %}
{% set rows_of_orders = [('order_items', 'order_item_id')] + converted_rows %}
with too_late as (
    {% for table, key, column, condition in dated_rows %}
    select
        '{{ table }}' as table_name,
        {{ as_type(key, 'text') }} as row_key,
        '{{ column }}' as column_name,
        {{ as_type(day_of(column), 'text') }} as value
    from {{ current_rows(ref('ods_' ~ table)) }}
    where {{ day_of(column) }} > {{ latest_valid_date() }} and {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

without_rate as (
    select order_id, currency, order_currency
    from {{ current_rows(ref('int_order_rates')) }}
    where
        fx_rate is null
        -- Rates end with the calendar, which excluded dates do not extend.
        and order_id not in (select {{ as_type('row_key', 'bigint') }} from too_late where table_name = 'orders')
),

unconverted as (
    select
        'orders' as table_name,
        {{ as_type('order_id', 'text') }} as row_key,
        currency as value
    from without_rate
    where currency = order_currency
    {% for table, key in converted_rows %}
    union all
    select
        '{{ table }}' as table_name,
        {{ as_type('source_rows.' ~ key, 'text') }} as row_key,
        source_rows.currency as value
    from {{ current_rows(ref('ods_' ~ table)) }} as source_rows
    inner join without_rate
        on source_rows.order_id = without_rate.order_id and source_rows.currency = without_rate.currency
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
