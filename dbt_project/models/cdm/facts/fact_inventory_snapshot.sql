-- Grain: one row per SKU, warehouse and day on which stock moved, with the stock at its end, which holds until
-- valid_to_date. quantity and cost_amount are additive over SKUs and warehouses, not over days; quantity_in and quantity_out
-- are additive.
{{ config(unique_key=['sku_id', 'warehouse_id', 'snapshot_date'], order_by=['sku_id', 'warehouse_id', 'snapshot_date']) }}
{% set so_far = 'over (partition by sku_id, warehouse_id order by movement_date rows between unbounded preceding and current row)' %}
with
{{ changed_keys('changed_stocks', [keys_in(ref('fact_inventory_movements'), ['sku_id', 'warehouse_id'])]) }}
daily as (
    select
        sku_id,
        warehouse_id,
        movement_date,
        max(product_id) as product_id,
        max(currency) as currency,
        sum(case when quantity_change > 0 then quantity_change else 0 end) as quantity_in,
        sum(case when quantity_change < 0 then -quantity_change else 0 end) as quantity_out,
        coalesce(sum(cost_amount), 0) as cost_change,
        sum(case when cost_amount is null then 1 else 0 end) as unknown_cost_count
    from {{ current_rows(ref('fact_inventory_movements')) }}
    {{ where_changed('changed_stocks', ['sku_id', 'warehouse_id']) }}
    group by sku_id, warehouse_id, movement_date
),

running as (
    select
        *,
        lead(movement_date) over (partition by sku_id, warehouse_id order by movement_date) as next_date,
        sum(quantity_in - quantity_out) {{ so_far }} as quantity,
        sum(cost_change) {{ so_far }} as cost_so_far,
        sum(unknown_cost_count) {{ so_far }} as unknown_costs_so_far
    from daily
),

snapshots as (
    select
        sku_id,
        warehouse_id,
        {{ not_null('movement_date') }} as snapshot_date,
        {{ days_before('next_date', 1) }} as valid_to_date,
        product_id,
        {{ as_type('quantity_in', 'bigint') }} as quantity_in,
        {{ as_type('quantity_out', 'bigint') }} as quantity_out,
        {{ as_type('quantity', 'bigint') }} as quantity,
        currency,
        {{ as_type('case when unknown_costs_so_far = 0 then cost_so_far end', 'decimal(18,2)') }} as cost_amount
    from running
)

{{ versions_of('snapshots', changed='changed_stocks', key=['sku_id', 'warehouse_id']) }}
