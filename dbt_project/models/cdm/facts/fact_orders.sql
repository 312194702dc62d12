-- Grain: one row per order. Counts and amounts are additive (amounts within a currency, or in the reporting
-- currency); durations and rates are not.
{{ config(unique_key='order_id', order_by='order_id') }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_orders'), 'order_id'),
    keys_in(ref('fact_order_items'), 'order_id'),
    keys_in(ref('fact_payments'), 'order_id'),
    keys_in(ref('fact_returns'), 'order_id'),
    keys_in(ref('int_orders'), 'order_id'),
    keys_of_exclusions(ref('ods_orders'), 'order_id', key='order_id'),
]) }}
orders as (
    select *
    from {{ included_rows(ref('ods_orders'), 'order_id') }} as included
    {{ where_changed('changed_orders', 'order_id') }}
),

items as (
    select
        order_id,
        {{ row_count() }} as line_count,
        {{ as_type('sum(quantity)', 'bigint') }} as item_count,
        {{ money_total('commission') }} as commission,
        {{ money_total('line_amount_reporting') }} as line_amount_reporting,
        {{ money_total('net_gmv_amount_reporting') }} as net_gmv_amount_reporting,
        {{ money_total('commission_reporting') }} as commission_reporting
    from {{ current_rows(ref('fact_order_items')) }}
    {{ where_changed('changed_orders', 'order_id') }}
    group by order_id
),

payments as (
    select
        order_id,
        {{ money_total('received_amount') }} as paid_amount,
        {{ money_total('received_amount_reporting') }} as paid_amount_reporting,
        {{ money_total('charged_back_amount') }} as charged_back_amount,
        {{ money_total('charged_back_amount_reporting') }} as charged_back_amount_reporting
    from {{ current_rows(ref('fact_payments')) }}
    {{ where_changed('changed_orders', 'order_id') }}
    group by order_id
),

refunds as (
    select
        order_id,
        {{ money_total('refunded_amount') }} as refunded_amount,
        {{ money_total('refunded_amount_reporting') }} as refunded_amount_reporting
    from {{ current_rows(ref('fact_returns')) }}
    {{ where_changed('changed_orders', 'order_id') }}
    group by order_id
),

known_orders as (
    select order_id, is_test, reporting_currency, fx_rate
    from {{ current_rows(ref('int_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

order_rows as (
    select
        {{ not_null('orders.order_id') }} as order_id,
        orders.user_id as user_id,
        orders.customer_id as customer_id,
        orders.campaign_id as campaign_id,
        orders.channel as channel,
        orders.status as status,
        known_orders.is_test as is_test,
        {{ as_type(counts_towards_gmv('orders', known='known_orders'), 'boolean') }} as is_gmv,
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
        {{ gmv_only('orders', 'orders.subtotal_amount', known='known_orders') }} as gmv_amount,
        {{ as_type('coalesce(payments.paid_amount, 0)', 'decimal(18,2)') }} as paid_amount,
        {{ as_type('coalesce(refunds.refunded_amount, 0)', 'decimal(18,2)') }} as refunded_amount,
        {{ as_type('coalesce(payments.charged_back_amount, 0)', 'decimal(18,2)') }} as charged_back_amount,
        {{ as_type('coalesce(items.commission, 0)', 'decimal(18,2)') }} as commission,
        known_orders.reporting_currency as reporting_currency,
        known_orders.fx_rate as fx_rate,
        {{ money_times('orders.total_amount', 'known_orders.fx_rate') }} as total_amount_reporting,
        {{ gmv_only('orders', 'items.line_amount_reporting', known='known_orders') }} as gmv_amount_reporting,
        {{ as_type('coalesce(items.net_gmv_amount_reporting, 0)', 'decimal(18,2)') }} as net_gmv_amount_reporting,
        {{ as_type(
            'coalesce(payments.paid_amount_reporting, 0) - coalesce(refunds.refunded_amount_reporting, 0)'
            ~ ' - coalesce(payments.charged_back_amount_reporting, 0)', 'decimal(18,2)'
        ) }} as revenue_amount_reporting,
        {{ as_type('coalesce(items.commission_reporting, 0)', 'decimal(18,2)') }} as commission_reporting
    from orders
    inner join known_orders on orders.order_id = known_orders.order_id
    left join items on orders.order_id = items.order_id
    left join payments on orders.order_id = payments.order_id
    left join refunds on orders.order_id = refunds.order_id
)

{{ versions_of('order_rows', changed='changed_orders', key='order_id') }}
