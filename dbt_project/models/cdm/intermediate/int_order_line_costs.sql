-- Grain: one row per order line that counts towards GMV. Amounts are additive, in the reporting currency.
-- What an order costs as a whole (payment, parcels) is shared by its lines in proportion to their value, to the cent.
{{ config(materialized='table', engine='MergeTree()') }}
with lines as (
    select
        order_item_id,
        order_id,
        order_date,
        quantity,
        returned_quantity,
        unit_cost,
        fx_rate,
        -- A line that is given away weighs a cent.
        greatest(line_amount_reporting, {{ as_type("'0.01'", 'decimal(18,2)') }}) as weight
    from {{ current_rows(ref('fact_order_items')) }}
    where is_gmv
),

weighted as (
    select
        *,
        sum(weight) over (
            partition by order_id order by order_item_id rows between unbounded preceding and current row
        ) as weight_to_here,
        sum(weight) over (partition by order_id) as order_weight
    from lines
),

orders as (
    select order_id, is_cancelled, order_date, fx_rate
    from {{ current_rows(ref('fact_orders')) }}
),

payment_fees as (
    select order_id, {{ money_total(money_times('fee_amount', 'fx_rate')) }} as payment_fee
    from {{ current_rows(ref('fact_payments')) }}
    where is_received
    group by order_id
),

marketplace_fees as (
    select payout_lines.order_id as order_id, {{ money_total('payout_lines.fee_amount') }} as fee_amount
    from {{ current_rows(ref('ods_payout_lines')) }} as payout_lines
    inner join {{ current_rows(ref('ods_payouts')) }} as payouts on payout_lines.payout_id = payouts.payout_id
    where payouts.payer_type = 'marketplace'
    group by payout_lines.order_id
),

shipping_costs as (
    select shipments.order_id as order_id, {{ money_total(money_times('shipments.cost_amount', 'rates.rate')) }} as shipping_cost
    from {{ current_rows(ref('fact_shipments')) }} as shipments
    inner join orders on shipments.order_id = orders.order_id
    inner join {{ ref('dim_fx_rate') }} as rates on shipments.currency = rates.currency and orders.order_date = rates.rate_date
    group by shipments.order_id
),

-- What the lots cost that the pieces were taken from, less what came back into stock.
stock_costs as (
    select
        order_item_id,
        max(currency) as currency,
        sum(case when movement_type = 'sale' then -quantity_change else 0 end) as sold_quantity,
        sum(case when cost_amount is null then 1 else 0 end) as unknown_cost_count,
        sum(-cost_amount) as cost_amount
    from {{ current_rows(ref('fact_inventory_movements')) }}
    where order_item_id is not null
    group by order_item_id
),

costs as (
    select
        lines.order_item_id as order_item_id,
        lines.order_id as order_id,
        case
            when stock_costs.sold_quantity >= lines.quantity and stock_costs.unknown_cost_count = 0 then 'stock_ledger'
            when lines.unit_cost is not null then 'order_line'
            else 'unknown'
        end as cost_source,
        {{ money_times('stock_costs.cost_amount', 'rates.rate') }} as ledger_cost,
        {{ money_times(
            money_times('lines.unit_cost', 'case when orders.is_cancelled then 0 else lines.quantity - lines.returned_quantity end'),
            'lines.fx_rate'
        ) }} as line_cost,
        lines.weight as weight,
        lines.weight_to_here as weight_to_here,
        lines.order_weight as order_weight,
        coalesce(payment_fees.payment_fee, 0) as payment_fee,
        coalesce({{ money_times('marketplace_fees.fee_amount', 'lines.fx_rate') }}, 0) as marketplace_fee,
        coalesce(shipping_costs.shipping_cost, 0) as shipping_cost
    from weighted as lines
    inner join orders on lines.order_id = orders.order_id
    left join stock_costs on lines.order_item_id = stock_costs.order_item_id
    left join {{ ref('dim_fx_rate') }} as rates on stock_costs.currency = rates.currency and lines.order_date = rates.rate_date
    left join payment_fees on lines.order_id = payment_fees.order_id
    left join marketplace_fees on lines.order_id = marketplace_fees.order_id
    left join shipping_costs on lines.order_id = shipping_costs.order_id
)

select
    {{ assume_not_null('order_item_id') }} as order_item_id,
    {{ as_type('order_id', 'bigint') }} as order_id,
    {{ as_type('cost_source', 'text') }} as cost_source,
    {{ as_type("case cost_source when 'stock_ledger' then ledger_cost when 'order_line' then line_cost end", 'decimal(18,2)') }} as cost_of_goods,
    {{ share_of_money('payment_fee', 'weight', 'weight_to_here', 'order_weight') }} as payment_fee,
    {{ share_of_money('marketplace_fee', 'weight', 'weight_to_here', 'order_weight') }} as marketplace_fee,
    {{ share_of_money('shipping_cost', 'weight', 'weight_to_here', 'order_weight') }} as shipping_cost
from costs
