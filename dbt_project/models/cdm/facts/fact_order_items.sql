-- Grain: one row per order line. Quantities and amounts are additive (amounts within a currency, or in the
-- reporting currency); unit prices, rates and percentages are not.
{{ config(unique_key=['order_id', 'order_item_id'], order_by=['order_id', 'order_item_id']) }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_order_items'), 'order_id', row_id='order_item_id'),
    keys_in(ref('ods_orders'), 'order_id'),
    keys_in(ref('int_orders'), 'order_id'),
    keys_in(ref('fact_returns'), 'order_id'),
    keys_of_exclusions(ref('ods_order_items'), 'order_item_id', key='order_id'),
    keys_referring_to(ref('dim_seller_history'), 'seller_id', referring=ref('ods_order_items'), key='order_id'),
    keys_in(ref('ods_voucher_redemptions'), 'order_id'),
    keys_referring_to(ref('ods_vouchers'), 'voucher_id', referring=ref('ods_voucher_redemptions'), key='order_id'),
]) }}
orders as (
    select
        order_id,
        user_id,
        currency,
        status,
        ordered_at,
        {{ day_of('ordered_at') }} as order_date,
        paid_at
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

items as (
    select *
    from {{ included_rows(ref('ods_order_items'), 'order_item_id') }} as included
    {{ where_changed('changed_orders', 'order_id') }}
),

vouchers as (
    select
        redemptions.order_id as order_id,
        max(case when vouchers.funded_by = 'seller' then 1 else 0 end) as is_seller_funded,
        max(case when vouchers.voucher_type = 'free_shipping' then 1 else 0 end) as is_for_shipping
    from {{ current_rows(ref('ods_voucher_redemptions')) }} as redemptions
    inner join {{ current_rows(ref('ods_vouchers')) }} as vouchers on redemptions.voucher_id = vouchers.voucher_id
    {{ where_changed('changed_orders', 'order_id') }}
    group by redemptions.order_id
),

-- What was refunded: of single lines so many pieces; where the request names no line, the whole order.
refunds as (
    select order_id, order_item_id, sum(case when is_refunded then quantity else 0 end) as quantity
    from {{ current_rows(ref('fact_returns')) }}
    {{ where_changed('changed_orders', 'order_id') }}
    group by order_id, order_item_id
),

refunded_lines as (
    select order_id, order_item_id, quantity
    from refunds
    where order_item_id is not null
),

refunded_orders as (
    select order_id
    from refunds
    where order_item_id is null and quantity > 0
),

contracts as (
    select seller_id, valid_from, valid_to, commission_rate
    from {{ current_rows(ref('dim_seller_history')) }}
),

known_orders as (
    select order_id, is_test, reporting_currency, fx_rate
    from {{ current_rows(ref('int_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

amounts as (
    select
        {{ not_null('items.order_item_id') }} as order_item_id,
        {{ not_null('items.order_id') }} as order_id,
        items.line_number as line_number,
        orders.user_id as user_id,
        items.seller_id as seller_id,
        items.product_id as product_id,
        items.sku_id as sku_id,
        items.flash_sale_id as flash_sale_id,
        orders.ordered_at as ordered_at,
        orders.order_date as order_date,
        known_orders.is_test as is_test,
        {{ as_type(counts_towards_gmv('orders', known='known_orders'), 'boolean') }} as is_gmv,
        items.quantity as quantity,
        {{ as_type(
            'case when refunded_orders.order_id is not null then items.quantity'
            ~ ' else least(coalesce(refunded_lines.quantity, 0), items.quantity) end', 'int'
        ) }} as returned_quantity,
        orders.currency as currency,
        items.unit_price as unit_price,
        items.unit_cost as unit_cost,
        {{ money_times('items.unit_price', 'items.quantity') }} as line_amount,
        items.discount_amount as discount_amount,
        {{ as_type(
            'case when vouchers.is_seller_funded = 1 then items.discount_amount'
            ~ ' - case when vouchers.is_for_shipping = 1 then items.shipping_amount else 0 end else 0 end', 'decimal(18,2)'
        ) }} as seller_discount_amount,
        items.shipping_amount as shipping_amount,
        items.tax_amount as tax_amount,
        {{ money_times('items.unit_cost', 'items.quantity') }} as cost_amount,
        {{ as_type(counts_towards_net_gmv('orders', known='known_orders'), 'boolean') }} as is_net_gmv,
        {{ commission_rate_of('contracts') }} as commission_rate,
        known_orders.reporting_currency as reporting_currency,
        known_orders.fx_rate as fx_rate
    from items
    inner join orders on items.order_id = orders.order_id
    inner join known_orders on items.order_id = known_orders.order_id
    left join refunded_lines on items.order_id = refunded_lines.order_id and items.order_item_id = refunded_lines.order_item_id
    left join refunded_orders on items.order_id = refunded_orders.order_id
    left join vouchers on items.order_id = vouchers.order_id
    left join contracts on items.seller_id = contracts.seller_id and {{ held_at('contracts', 'orders.ordered_at') }}
),

margins as (
    select
        *,
        {{ as_type('line_amount - discount_amount', 'decimal(18,2)') }} as net_amount,
        {{ as_type('line_amount - discount_amount - cost_amount', 'decimal(18,2)') }} as gross_margin,
        {{ as_type(
            'case when is_net_gmv then ' ~ money_times('unit_price', 'quantity - returned_quantity') ~ ' else 0 end', 'decimal(18,2)'
        ) }} as net_gmv_amount,
        {{ commission_on(
            money_per('(line_amount - seller_discount_amount) * (quantity - returned_quantity)', 'quantity'),
            'commission_rate', 'is_net_gmv'
        ) }} as commission
    from amounts
),

lines as (
    select
        order_item_id,
        order_id,
        line_number,
        user_id,
        seller_id,
        product_id,
        sku_id,
        flash_sale_id,
        ordered_at,
        order_date,
        is_test,
        is_gmv,
        quantity,
        returned_quantity,
        currency,
        unit_price,
        unit_cost,
        line_amount,
        net_gmv_amount,
        discount_amount,
        seller_discount_amount,
        net_amount,
        shipping_amount,
        tax_amount,
        cost_amount,
        gross_margin,
        100 * {{ ratio('gross_margin', 'net_amount') }} as margin_pct,
        commission_rate,
        commission,
        reporting_currency,
        fx_rate,
        {{ money_times('line_amount', 'fx_rate') }} as line_amount_reporting,
        {{ money_times('net_gmv_amount', 'fx_rate') }} as net_gmv_amount_reporting,
        {{ money_times('net_amount', 'fx_rate') }} as net_amount_reporting,
        {{ money_times('gross_margin', 'fx_rate') }} as gross_margin_reporting,
        {{ money_times('commission', 'fx_rate') }} as commission_reporting
    from margins
)

{{ versions_of('lines', changed='changed_orders', key='order_id') }}
