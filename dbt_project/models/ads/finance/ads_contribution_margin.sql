-- Grain: one row per order line that counts towards GMV, and one per campaign and month with advertising that no order is
-- attributed to. Amounts are additive, rates are not.
with free_shipping as (
    select distinct redemptions.order_id as order_id
    from {{ current_rows(ref('ods_voucher_redemptions')) }} as redemptions
    inner join {{ current_rows(ref('ods_vouchers')) }} as vouchers on redemptions.voucher_id = vouchers.voucher_id
    where vouchers.voucher_type = 'free_shipping'
),

items as (
    select
        items.order_item_id as order_item_id,
        items.order_id as order_id,
        items.order_date as order_date,
        items.user_id as user_id,
        items.seller_id as seller_id,
        items.product_id as product_id,
        items.sku_id as sku_id,
        items.quantity as quantity,
        items.fx_rate as fx_rate,
        items.discount_amount as discount_amount,
        items.seller_discount_amount as seller_discount_amount,
        items.line_amount_reporting as line_amount_reporting,
        items.net_gmv_amount_reporting as net_gmv_amount_reporting,
        items.commission_reporting as commission_reporting,
        orders.channel as channel,
        orders.campaign_id as campaign_id,
        {{ start_of('month', 'items.order_date') }} as month_start_date,
        case when orders.is_cancelled then 0 else items.quantity - items.returned_quantity end as units,
        case when orders.is_cancelled then 0 else items.shipping_amount end as kept_shipping_amount,
        case
            when free_shipping.order_id is not null then least(items.shipping_amount, items.discount_amount)
            else 0
        end as shipping_discount_amount
    from {{ current_rows(ref('fact_order_items')) }} as items
    inner join {{ current_rows(ref('fact_orders')) }} as orders on items.order_id = orders.order_id
    left join free_shipping on items.order_id = free_shipping.order_id
    where items.is_gmv
),

-- What was kept of each line; what is paid for shipping stays paid when goods come back.
kept as (
    select
        *,
        {{ money_times(money_per('seller_discount_amount * units', 'quantity'), 'fx_rate') }} as seller_discount,
        {{ money_times(
            money_per('(discount_amount - seller_discount_amount - shipping_discount_amount) * units', 'quantity')
            ~ ' + case when kept_shipping_amount > 0 then shipping_discount_amount else 0 end', 'fx_rate'
        ) }} as platform_discount,
        {{ money_times('kept_shipping_amount', 'fx_rate') }} as shipping_income,
        greatest(line_amount_reporting, {{ as_type("'0.01'", 'decimal(18,2)') }}) as weight
    from items
),

weighted as (
    select
        *,
        sum(weight) over (
            partition by campaign_id, month_start_date order by order_item_id rows between unbounded preceding and current row
        ) as weight_to_here,
        sum(weight) over (partition by campaign_id, month_start_date) as campaign_weight
    from kept
),

spend as (
    select
        campaign_id,
        {{ start_of('month', 'spend_date') }} as month_start_date,
        {{ money_total('spend_amount_reporting') }} as ad_spend
    from {{ current_rows(ref('fact_campaign_spend')) }}
    group by campaign_id, {{ start_of('month', 'spend_date') }}
),

amounts as (
    select
        concat('line ', {{ as_type('lines.order_item_id', 'text') }}) as margin_line_id,
        lines.order_item_id as order_item_id,
        lines.order_id as order_id,
        lines.order_date as order_date,
        lines.channel as channel,
        lines.campaign_id as campaign_id,
        lines.user_id as user_id,
        lines.seller_id as seller_id,
        lines.product_id as product_id,
        lines.sku_id as sku_id,
        {{ as_type('lines.units', 'bigint') }} as units,
        lines.net_gmv_amount_reporting as goods_amount,
        lines.seller_discount as seller_discount,
        lines.platform_discount as platform_discount,
        lines.commission_reporting as commission,
        costs.cost_source as cost_source,
        costs.cost_of_goods as cost_of_goods,
        lines.shipping_income as shipping_income,
        costs.shipping_cost as shipping_cost,
        costs.payment_fee as payment_fee,
        costs.marketplace_fee as marketplace_fee,
        coalesce({{ share_of_money('spend.ad_spend', 'lines.weight', 'lines.weight_to_here', 'lines.campaign_weight') }}, 0) as ad_spend
    from weighted as lines
    inner join {{ ref('int_order_line_costs') }} as costs on lines.order_item_id = costs.order_item_id
    left join spend on lines.campaign_id = spend.campaign_id and lines.month_start_date = spend.month_start_date
    union all
    select
        concat('campaign ', {{ as_type('spend.campaign_id', 'text') }}, ' ', {{ as_type('spend.month_start_date', 'text') }}) as margin_line_id,
        null as order_item_id,
        null as order_id,
        spend.month_start_date as order_date,
        null as channel,
        spend.campaign_id as campaign_id,
        null as user_id,
        null as seller_id,
        null as product_id,
        null as sku_id,
        0 as units,
        0 as goods_amount,
        0 as seller_discount,
        0 as platform_discount,
        0 as commission,
        null as cost_source,
        0 as cost_of_goods,
        0 as shipping_income,
        0 as shipping_cost,
        0 as payment_fee,
        0 as marketplace_fee,
        spend.ad_spend as ad_spend
    from spend
    left join (select distinct campaign_id, month_start_date from items) as attributed
        on spend.campaign_id = attributed.campaign_id and spend.month_start_date = attributed.month_start_date
    where attributed.campaign_id is null
),

margins as (
    select
        *,
        goods_amount - seller_discount - commission - cost_of_goods as seller_margin,
        commission - platform_discount + shipping_income - shipping_cost - payment_fee - marketplace_fee - ad_spend as platform_margin
    from amounts
)

select
    {{ assume_not_null('margin_line_id', 'text') }} as margin_line_id,
    order_item_id,
    order_id,
    order_date,
    channel,
    campaign_id,
    user_id,
    seller_id,
    product_id,
    sku_id,
    units,
    {% for amount in margin_amounts()[:-1] -%}
    {{ as_type(amount, 'decimal(18,2)') }} as {{ amount }},
    {% endfor -%}
    {{ as_type('seller_margin + platform_margin', 'decimal(18,2)') }} as contribution_margin,
    cost_source
from margins
