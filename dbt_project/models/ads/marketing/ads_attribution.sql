-- Grain: one row per attribution model, day of the shop, traffic channel and campaign with orders or spend. Within a model all
-- amounts and credits are additive; models are never to be added. return_on_ad_spend and acquisition_cost are not additive.
with models as (
    {% for model in attribution_weights() -%}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

orders as (
    select
        order_id,
        user_id,
        campaign_id,
        channel,
        ordered_at,
        order_date,
        gmv_amount_reporting as gmv,
        row_number() over (partition by user_id order by ordered_at, order_id) = 1 as is_first_order
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

visits as (
    select user_id, visit_id, started_at, traffic_channel, campaign_id
    from {{ current_rows(ref('fact_sessions')) }}
    where user_id is not null and not is_bot
),

campaigns as (
    select campaign_id, traffic_channel
    from {{ ref('dim_campaign') }}
),

-- The buyer's visits in the days before the order. An order without one has one touch: its campaign, else its sales channel.
visited as (
    select
        orders.order_id as order_id,
        visits.visit_id as touch_id,
        visits.started_at as touched_at,
        visits.traffic_channel as traffic_channel,
        visits.campaign_id as campaign_id,
        {{ days_between('visits.started_at', 'orders.ordered_at') }} as days_before_order
    from orders
    inner join visits on orders.user_id = visits.user_id
    where
        visits.started_at <= orders.ordered_at
        and visits.started_at > orders.ordered_at - interval {{ var('attribution_window_days') }} day
),

touches as (
    select * from visited
    union all
    select
        orders.order_id as order_id,
        0 as touch_id,
        orders.ordered_at as touched_at,
        coalesce(campaigns.traffic_channel, orders.channel) as traffic_channel,
        orders.campaign_id as campaign_id,
        0 as days_before_order
    from orders
    left join campaigns on orders.campaign_id = campaigns.campaign_id
    left join (select distinct order_id from visited) as known on orders.order_id = known.order_id
    where known.order_id is null
),

placed as (
    select
        *,
        row_number() over (partition by order_id order by touched_at, touch_id) as touch_number,
        count(*) over (partition by order_id) as touch_count,
        row_number() over (
            partition by order_id
            order by case when traffic_channel = 'direct' then 1 else 0 end, touched_at desc, touch_id desc
        ) as non_direct_choice
    from touches
),

weighted as (
    select
        models.model as model,
        placed.order_id as order_id,
        placed.touch_number as touch_number,
        placed.traffic_channel as traffic_channel,
        placed.campaign_id as campaign_id,
        case models.model
            {%- for model, weight in attribution_weights().items() %}
            when '{{ model }}' then {{ as_type(weight, 'decimal(18,2)') }}
            {%- endfor %}
        end as weight
    from placed
    cross join models
),

shared as (
    select
        *,
        sum(weight) over (partition by model, order_id order by touch_number rows between unbounded preceding and current row) as weight_to_here,
        sum(weight) over (partition by model, order_id) as order_weight
    from weighted
    where weight > 0
),

credits as (
    select
        shared.model as model,
        orders.order_date as event_date,
        shared.traffic_channel as traffic_channel,
        coalesce(shared.campaign_id, 0) as campaign_id,
        {{ share_of_money('1000000', 'shared.weight', 'shared.weight_to_here', 'shared.order_weight') }} as millionths,
        {{ share_of_money('orders.gmv', 'shared.weight', 'shared.weight_to_here', 'shared.order_weight') }} as gmv,
        orders.is_first_order as is_first_order
    from shared
    inner join orders on shared.order_id = orders.order_id
),

results as (
    select
        model,
        event_date,
        traffic_channel,
        campaign_id,
        sum(millionths) as millionths,
        sum(case when is_first_order then millionths else 0 end) as new_buyer_millionths,
        sum(gmv) as gmv,
        0 as ad_spend
    from credits
    group by model, event_date, traffic_channel, campaign_id
    union all
    select
        models.model as model,
        spend.spend_date as event_date,
        spend.traffic_channel as traffic_channel,
        spend.campaign_id as campaign_id,
        0 as millionths,
        0 as new_buyer_millionths,
        0 as gmv,
        spend.spend_amount_reporting as ad_spend
    from {{ current_rows(ref('fact_campaign_spend')) }} as spend
    cross join models
),

daily as (
    select
        model,
        event_date,
        traffic_channel,
        campaign_id,
        {{ money_total('millionths') }} * {{ as_type("'0.000001'", 'decimal(6,6)') }} as order_credit,
        {{ money_total('new_buyer_millionths') }} * {{ as_type("'0.000001'", 'decimal(6,6)') }} as new_buyer_credit,
        {{ money_total('gmv') }} as gmv,
        {{ money_total('ad_spend') }} as ad_spend
    from results
    group by model, event_date, traffic_channel, campaign_id
)

select
    {{ assume_not_null('daily.model', 'text') }} as attribution_model,
    {{ not_null('daily.event_date') }} as event_date,
    {{ not_null('daily.traffic_channel', 'text') }} as traffic_channel,
    {{ assume_not_null('daily.campaign_id', 'bigint') }} as campaign_id,
    campaigns.campaign_name as campaign_name,
    {{ as_type('daily.order_credit', 'decimal(18,8)') }} as order_credit,
    {{ as_type('daily.new_buyer_credit', 'decimal(18,8)') }} as new_buyer_credit,
    daily.gmv as gmv,
    daily.ad_spend as ad_spend,
    {{ ratio('daily.gmv', 'daily.ad_spend') }} as return_on_ad_spend,
    {{ ratio('daily.ad_spend', 'daily.new_buyer_credit') }} as acquisition_cost
from daily
left join {{ ref('dim_campaign') }} as campaigns on daily.campaign_id = campaigns.campaign_id
