-- Grain: one row per parcel. cost_amount is additive within a currency; durations are not.
{{ config(unique_key=['order_id', 'shipment_id'], order_by=['order_id', 'shipment_id']) }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_shipments'), 'order_id', row_id='shipment_id'),
    keys_in(ref('ods_orders'), 'order_id'),
    keys_in(ref('int_orders'), 'order_id'),
]) }}
shipments as (
    select *
    from {{ current_rows(ref('ods_shipments')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

orders as (
    select order_id, user_id, ship_to_country, ship_to_postal_code
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

known_orders as (
    select order_id, is_test
    from {{ current_rows(ref('int_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

shipment_rows as (
    select
        {{ not_null('shipments.shipment_id') }} as shipment_id,
        {{ not_null('shipments.order_id') }} as order_id,
        orders.user_id as user_id,
        shipments.warehouse_id as warehouse_id,
        concat(orders.ship_to_country, '-', orders.ship_to_postal_code) as ship_to_geography_id,
        shipments.carrier as carrier,
        shipments.status as status,
        known_orders.is_test as is_test,
        {{ as_type('shipments.delivered_at is not null', 'boolean') }} as is_delivered,
        {{ as_type('shipments.delivered_at > shipments.estimated_delivery_at', 'boolean') }} as is_late,
        shipments.shipped_at as shipped_at,
        {{ day_of('shipments.shipped_at') }} as shipped_date,
        shipments.estimated_delivery_at as estimated_delivery_at,
        shipments.delivered_at as delivered_at,
        {{ day_of('shipments.delivered_at') }} as delivered_date,
        {{ elapsed_days('shipments.shipped_at', 'shipments.delivered_at') }} as transit_days,
        shipments.currency as currency,
        shipments.cost_amount as cost_amount
    from shipments
    inner join orders on shipments.order_id = orders.order_id
    inner join known_orders on shipments.order_id = known_orders.order_id
)

{{ versions_of('shipment_rows', changed='changed_orders', key='order_id') }}
