-- Grain: one row per voucher, over all time. Counts and amounts are additive for vouchers that are not used together, averages
-- and rates are not.
with orders as (
    select
        order_id,
        user_id,
        order_date,
        currency,
        fx_rate,
        gmv_amount_reporting as gmv,
        row_number() over (partition by user_id order by ordered_at, order_id) = 1 as is_first_order
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

redemptions as (
    select voucher_id, order_id, discount_amount
    from {{ current_rows(ref('ods_voucher_redemptions')) }}
    where released_at is null
),

margins as (
    select order_id, {{ money_total('contribution_margin') }} as contribution_margin
    from {{ ref('ads_contribution_margin') }}
    where order_id is not null
    group by order_id
),

used as (
    select
        redemptions.voucher_id as voucher_id,
        {{ row_count() }} as order_count,
        {{ row_count('orders.is_first_order') }} as new_buyer_count,
        {{ money_total('orders.gmv') }} as gmv,
        {{ money_total(money_times('redemptions.discount_amount', 'orders.fx_rate')) }} as discount,
        {{ money_total('margins.contribution_margin') }} as contribution_margin
    from redemptions
    inner join orders on redemptions.order_id = orders.order_id
    left join margins on redemptions.order_id = margins.order_id
    group by redemptions.voucher_id
),

-- What is compared: the orders without a voucher, in the same currency, on the days on which the voucher could be used.
others as (
    select
        vouchers.voucher_id as voucher_id,
        {{ row_count() }} as order_count,
        {{ money_total('orders.gmv') }} as gmv
    from {{ ref('dim_voucher') }} as vouchers
    inner join orders
        on
            vouchers.currency = orders.currency
            and vouchers.start_date <= orders.order_date
            and vouchers.end_date >= orders.order_date
    left join (select distinct order_id from redemptions) as redeemed on orders.order_id = redeemed.order_id
    where redeemed.order_id is null
    group by vouchers.voucher_id
)

select
    vouchers.voucher_id as voucher_id,
    vouchers.voucher_code as voucher_code,
    vouchers.voucher_type as voucher_type,
    vouchers.funded_by as funded_by,
    vouchers.start_date as start_date,
    vouchers.end_date as end_date,
    vouchers.redemption_count as redemption_count,
    vouchers.released_redemption_count as released_redemption_count,
    {{ ratio('vouchers.redemption_count', 'vouchers.usage_limit') }} as usage_rate,
    coalesce(used.order_count, 0) as order_count,
    coalesce(used.new_buyer_count, 0) as new_buyer_count,
    {{ ratio('used.new_buyer_count', 'used.order_count') }} as new_buyer_rate,
    {{ as_type('coalesce(used.gmv, 0)', 'decimal(18,2)') }} as gmv,
    {{ as_type('coalesce(used.discount, 0)', 'decimal(18,2)') }} as discount,
    {{ as_type('coalesce(used.contribution_margin, 0)', 'decimal(18,2)') }} as contribution_margin,
    {{ money_per('used.gmv', 'used.order_count') }} as avg_order_value,
    {{ money_per('others.gmv', 'others.order_count') }} as avg_order_value_without_voucher
from {{ ref('dim_voucher') }} as vouchers
left join used on vouchers.voucher_id = used.voucher_id
left join others on vouchers.voucher_id = others.voucher_id
