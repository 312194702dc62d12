-- Each part of the contribution margin is what its source has of the orders that count towards GMV, to the cent: none is lost
-- or doubled when it is shared out.
with counted as (
    select order_id
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

totals as (
    select
        coalesce(sum(goods_amount), 0) as goods_amount,
        coalesce(sum(commission), 0) as commission,
        coalesce(sum(payment_fee), 0) as payment_fee,
        coalesce(sum(ad_spend), 0) as ad_spend
    from {{ ref('ads_contribution_margin') }}
),

compared as (
    select 'goods_amount' as part, (select goods_amount from totals) as amount, coalesce(sum(net_gmv_amount_reporting), 0) as whole
    from {{ current_rows(ref('fact_orders')) }}
    union all
    select 'commission' as part, (select commission from totals) as amount, coalesce(sum(commission_reporting), 0) as whole
    from {{ current_rows(ref('fact_orders')) }}
    union all
    select 'payment_fee' as part, (select payment_fee from totals) as amount, coalesce(sum({{ money_times('fee_amount', 'fx_rate') }}), 0) as whole
    from {{ current_rows(ref('fact_payments')) }}
    where is_received and order_id in (select order_id from counted)
    union all
    select 'ad_spend' as part, (select ad_spend from totals) as amount, coalesce(sum(spend_amount_reporting), 0) as whole
    from {{ current_rows(ref('fact_campaign_spend')) }}
    union all
    select
        'by_channel' as part,
        coalesce(sum(contribution_margin), 0) as amount,
        (select coalesce(sum(contribution_margin), 0) from {{ ref('ads_contribution_margin') }}) as whole
    from {{ ref('ads_contribution_margin_by_channel') }}
    union all
    select
        'by_sku' as part,
        coalesce(sum(contribution_margin), 0) as amount,
        (select coalesce(sum(contribution_margin), 0) from {{ ref('ads_contribution_margin') }} where sku_id is not null) as whole
    from {{ ref('ads_contribution_margin_by_sku') }}
)

select part, amount, whole
from compared
where amount <> whole
