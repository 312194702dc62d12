-- Grain: one row per movement of stock, such as a receipt or the part of a sale that one lot covers. Quantities and
-- costs are additive (costs within a currency).
{{ config(unique_key=['sku_id', 'warehouse_id', 'log_id'], order_by=['sku_id', 'warehouse_id', 'log_id']) }}
with
{{ changed_keys('changed_movements', [
    keys_in(ref('ods_inventory_log'), 'log_id'),
    keys_referring_to(ref('ods_product_skus'), 'sku_id', referring=ref('ods_inventory_log'), key='log_id'),
]) }}
movements as (
    select *
    from {{ current_rows(ref('ods_inventory_log')) }}
    {{ where_changed('changed_movements', 'log_id') }}
),

movement_rows as (
    select
        {{ not_null('movements.log_id') }} as log_id,
        {{ not_null('movements.sku_id') }} as sku_id,
        skus.product_id as product_id,
        {{ not_null('movements.warehouse_id') }} as warehouse_id,
        movements.lot_id as lot_id,
        movements.movement_type as movement_type,
        movements.supplier_id as supplier_id,
        movements.order_item_id as order_item_id,
        movements.moved_at as moved_at,
        {{ day_of('movements.moved_at') }} as movement_date,
        movements.quantity_change as quantity_change,
        movements.currency as currency,
        movements.unit_cost as unit_cost,
        {{ money_times('movements.unit_cost', 'movements.quantity_change') }} as cost_amount
    from movements
    left join {{ current_rows(ref('ods_product_skus')) }} as skus on movements.sku_id = skus.sku_id
)

{{ versions_of('movement_rows', changed='changed_movements', key='log_id') }}
