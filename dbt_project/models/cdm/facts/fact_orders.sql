-- Grain: one row per order. Counts and amounts are additive (amounts within a currency, or in the reporting
-- currency); durations and rates are not.
{{ config(unique_key='order_id', order_by='order_id') }}
{% set fx_rates = ref('ods_fx_rates') %}
with
{% if is_incremental() %}
changed_orders as (
    select order_id from {{ changed_rows(ref('ods_orders')) }} as changed
    union distinct
    select order_id from {{ changed_rows(ref('fact_order_items')) }} as changed
    union distinct
    select order_id from {{ changed_rows(ref('fact_payments')) }} as changed
    union distinct
    select order_id from {{ changed_rows(ref('fact_returns')) }} as changed
    union distinct
    {{ orders_changed_by_rates(ref('ods_orders'), fx_rates) }}
),
{% endif %}
orders as (
    select *
    from {{ current_rows(ref('ods_orders')) }}
    {{ of_changed_orders() }}
),

items as (
    select
        order_id,
        {{ row_count() }} as line_count,
        {{ as_type('sum(quantity)', 'bigint') }} as item_count,
        {{ money_total('commission') }} as commission,
        {{ money_total('line_amount_reporting') }} as line_amount_reporting,
        {{ money_total('commission_reporting') }} as commission_reporting
    from {{ current_rows(ref('fact_order_items')) }}
    {{ of_changed_orders() }}
    group by order_id
),

payments as (
    select
        order_id,
        {{ money_total('received_amount') }} as paid_amount,
        {{ money_total('received_amount_reporting') }} as paid_amount_reporting
    from {{ current_rows(ref('fact_payments')) }}
    {{ of_changed_orders() }}
    group by order_id
),

refunds as (
    select
        order_id,
        {{ money_total('refunded_amount') }} as refunded_amount,
        {{ money_total('refunded_amount_reporting') }} as refunded_amount_reporting
    from {{ current_rows(ref('fact_returns')) }}
    {{ of_changed_orders() }}
    group by order_id
),

order_rows as (
    select
        orders.order_id as order_id,
        orders.user_id as user_id,
        orders.customer_id as customer_id,
        orders.channel as channel,
        orders.status as status,
        orders.is_test as is_test,
        {{ as_type(counts_towards_gmv('orders'), 'boolean') }} as is_gmv,
        {{ as_type("orders.status = 'cancelled'", 'boolean') }} as is_cancelled,
        {{ as_type('orders.delivered_at is not null', 'boolean') }} as is_delivered,
        {{ as_type('orders.delivered_at > orders.estimated_delivery_at', 'boolean') }} as is_late,
        orders.ordered_at as ordered_at,
        {{ day_of('orders.ordered_at') }} as order_date,
        orders.paid_at as paid_at,
        orders.shipped_at as shipped_at,
        orders.delivered_at as delivered_at,
        {{ elapsed_days('orders.ordered_at', 'orders.delivered_at') }} as fulfillment_days,
        concat(orders.ship_to_country, '-', orders.ship_to_postal_code) as ship_to_geography_id,
        coalesce(items.line_count, 0) as line_count,
        coalesce(items.item_count, 0) as item_count,
        orders.currency as currency,
        orders.subtotal_amount as subtotal_amount,
        orders.discount_amount as discount_amount,
        orders.shipping_amount as shipping_amount,
        orders.tax_amount as tax_amount,
        orders.total_amount as total_amount,
        {{ gmv_only('orders', 'orders.subtotal_amount') }} as gmv_amount,
        {{ as_type('coalesce(payments.paid_amount, 0)', 'decimal(18,2)') }} as paid_amount,
        {{ as_type('coalesce(refunds.refunded_amount, 0)', 'decimal(18,2)') }} as refunded_amount,
        {{ as_type('coalesce(items.commission, 0)', 'decimal(18,2)') }} as commission,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate,
        {{ money_times('orders.total_amount', 'rates.rate') }} as total_amount_reporting,
        {{ gmv_only('orders', 'items.line_amount_reporting') }} as gmv_amount_reporting,
        {{ as_type(
            'coalesce(payments.paid_amount_reporting, 0) - coalesce(refunds.refunded_amount_reporting, 0)', 'decimal(18,2)'
        ) }} as revenue_amount_reporting,
        {{ as_type('coalesce(items.commission_reporting, 0)', 'decimal(18,2)') }} as commission_reporting
    from orders
    left join items on orders.order_id = items.order_id
    left join payments on orders.order_id = payments.order_id
    left join refunds on orders.order_id = refunds.order_id
    left join {{ ref('dim_fx_rate') }} as rates
        on orders.currency = rates.currency and {{ day_of('orders.ordered_at') }} = rates.rate_date
)

{{ versions_of('order_rows', ['order_id']) }}
