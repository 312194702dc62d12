-- Grain: one row per SKU and warehouse that keeps it, as of today. Pieces and costs are additive, days and rates are not; the
-- classes are the SKU's, the same in each warehouse.
{% set today = today_of_shop() %}
{% set window = var('inventory_window_days') %}
{% set first_day = days_before(today, window - 1) %}
with movements as (
    select sku_id, warehouse_id, movement_date, -quantity_change as units
    from {{ current_rows(ref('fact_inventory_movements')) }}
    where movement_type = 'sale' and movement_date <= {{ today }}
),

sales as (
    select
        sku_id,
        warehouse_id,
        {{ as_type('coalesce(sum(case when movement_date >= ' ~ first_day ~ ' then units end), 0)', 'bigint') }} as units_sold,
        max(movement_date) as last_sold_date
    from movements
    group by sku_id, warehouse_id
),

stock_periods as (
    select
        sku_id,
        warehouse_id,
        quantity,
        {{ days_between('greatest(snapshot_date, ' ~ first_day ~ ')', 'least(coalesce(valid_to_date, ' ~ today ~ '), ' ~ today ~ ')') }} + 1 as days
    from {{ current_rows(ref('fact_inventory_snapshot')) }}
    where snapshot_date <= {{ today }} and coalesce(valid_to_date, {{ today }}) >= {{ first_day }}
),

stock_days as (
    select
        sku_id,
        warehouse_id,
        {{ as_type('sum(days)', 'bigint') }} as known_days,
        {{ as_type('sum(case when quantity <= 0 then days else 0 end)', 'bigint') }} as stock_out_days,
        {{ ratio('sum(quantity * days)', 'sum(days)') }} as avg_quantity
    from stock_periods
    group by sku_id, warehouse_id
),

stock_costs as (
    select snapshots.sku_id as sku_id, snapshots.warehouse_id as warehouse_id, {{ money_times('snapshots.cost_amount', 'rates.rate') }} as stock_cost
    from {{ current_rows(ref('fact_inventory_snapshot')) }} as snapshots
    inner join {{ ref('dim_fx_rate') }} as rates on snapshots.currency = rates.currency and rates.rate_date = {{ today }}
    where snapshots.valid_to_date is null
),

-- A: the SKUs that make the first 80 % of GMV, the best first; B: the next 15 %; C: the rest.
revenues as (
    select sku_id, {{ money_total('line_amount_reporting') }} as gmv
    from {{ current_rows(ref('fact_order_items')) }}
    where is_gmv and order_date >= {{ first_day }} and order_date <= {{ today }}
    group by sku_id
),

ranked as (
    select
        sku_id,
        gmv,
        sum(gmv) over (order by gmv desc, sku_id asc rows between unbounded preceding and current row) - gmv as gmv_of_better,
        sum(gmv) over () as total_gmv
    from revenues
),

-- X, Y, Z: by the coefficient of variation of the pieces sold in each of the last 12 weeks; its square is looked at.
weeks as (
    select sku_id, floor({{ days_between('movement_date', today) }} / 7) as weeks_ago, sum(units) as units
    from movements
    where movement_date > {{ days_before(today, 84) }}
    group by sku_id, floor({{ days_between('movement_date', today) }} / 7)
),

variations as (
    select sku_id, {{ ratio('12 * sum(units * units) - sum(units) * sum(units)', 'sum(units) * sum(units)') }} as squared_variation
    from weeks
    group by sku_id
),

health as (
    select
        inventory.sku_id as sku_id,
        inventory.warehouse_id as warehouse_id,
        inventory.quantity as quantity,
        inventory.reorder_point as reorder_point,
        inventory.safety_stock as safety_stock,
        stock_costs.stock_cost as stock_cost,
        coalesce(sales.units_sold, 0) as units_sold,
        sales.last_sold_date as last_sold_date,
        coalesce(stock_days.known_days, 0) as known_days,
        coalesce(stock_days.stock_out_days, 0) as stock_out_days,
        stock_days.avg_quantity as avg_quantity,
        {{ ratio('coalesce(sales.units_sold, 0)', 'stock_days.known_days - stock_days.stock_out_days') }} as avg_daily_units,
        case
            when ranked.gmv > 0 and ranked.gmv_of_better < {{ money_times('ranked.total_gmv', as_type("'0.80'", 'decimal(18,8)')) }} then 'A'
            when ranked.gmv > 0 and ranked.gmv_of_better < {{ money_times('ranked.total_gmv', as_type("'0.95'", 'decimal(18,8)')) }} then 'B'
            else 'C'
        end as abc_class,
        case when variations.squared_variation <= 0.25 then 'X' when variations.squared_variation <= 1 then 'Y' else 'Z' end as xyz_class
    from {{ current_rows(ref('ods_inventory')) }} as inventory
    left join sales on inventory.sku_id = sales.sku_id and inventory.warehouse_id = sales.warehouse_id
    left join stock_days on inventory.sku_id = stock_days.sku_id and inventory.warehouse_id = stock_days.warehouse_id
    left join stock_costs on inventory.sku_id = stock_costs.sku_id and inventory.warehouse_id = stock_costs.warehouse_id
    left join ranked on inventory.sku_id = ranked.sku_id
    left join variations on inventory.sku_id = variations.sku_id
)

select
    {{ assume_not_null('health.sku_id') }} as sku_id,
    {{ assume_not_null('health.warehouse_id') }} as warehouse_id,
    {{ as_type(today, 'date') }} as as_of_date,
    warehouses.warehouse_name as warehouse_name,
    skus.sku_code as sku_code,
    skus.product_id as product_id,
    products.product_name as product_name,
    products.department as department,
    products.category as category,
    {{ as_type('health.quantity', 'bigint') }} as quantity,
    {{ as_type('health.reorder_point', 'bigint') }} as reorder_point,
    {{ as_type('health.safety_stock', 'bigint') }} as safety_stock,
    {{ as_type('health.quantity <= health.reorder_point', 'boolean') }} as needs_reorder,
    {{ as_type('health.quantity < health.safety_stock', 'boolean') }} as is_below_safety_stock,
    health.stock_cost as stock_cost,
    {{ as_type('health.units_sold', 'bigint') }} as units_sold,
    health.last_sold_date as last_sold_date,
    health.avg_daily_units as avg_daily_units,
    {{ ratio('health.quantity', 'health.avg_daily_units') }} as days_of_cover,
    {{ ratio('health.units_sold', 'health.units_sold + health.quantity') }} as sell_through_rate,
    health.avg_quantity as avg_quantity,
    {{ ratio('health.units_sold * 365', window) }} as yearly_units_sold,
    {{ ratio('health.units_sold * 365', 'health.avg_quantity * ' ~ window) }} as turnover,
    {{ as_type('health.known_days', 'bigint') }} as known_days,
    {{ as_type('health.stock_out_days', 'bigint') }} as stock_out_days,
    {{ ratio('health.stock_out_days', 'health.known_days') }} as stock_out_rate,
    health.avg_daily_units * health.stock_out_days as lost_units,
    {{ as_type('health.quantity > 0 and health.units_sold = 0 and health.known_days >= ' ~ window, 'boolean') }} as is_dead_stock,
    {{ as_type('health.abc_class', 'text') }} as abc_class,
    {{ as_type('health.xyz_class', 'text') }} as xyz_class
from health
left join {{ ref('dim_warehouse') }} as warehouses on health.warehouse_id = warehouses.warehouse_id
left join {{ current_rows(ref('ods_product_skus')) }} as skus on health.sku_id = skus.sku_id
left join {{ ref('dim_product') }} as products on skus.product_id = products.product_id
