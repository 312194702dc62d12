with counted as (
    select
        o.order_id, o.user_id, o.order_date, orders.ordered_at at time zone 'UTC' as ordered_at, orders.channel, orders.campaign_id,
        coalesce(l.gmv, 0) as gmv,
        row_number() over (partition by o.user_id order by o.ordered_at, o.order_id) = 1 as is_first
    from valued_orders o join orders using (order_id) left join lines_per_order l using (order_id)
    where o.is_gmv
),
visited as (
    select
        c.order_id, v.visit_id, v.started_at, v.traffic_channel, v.campaign_id,
        c.ordered_at::date - v.started_at::date as days
    from counted c join visits v using (user_id) cross join settings
    where not v.is_bot and v.started_at <= c.ordered_at
        and v.started_at > c.ordered_at - settings.attribution_window_days * interval '1 day'
),
touches as (
    select * from visited
    union all
    select
        c.order_id, 0, c.ordered_at,
        coalesce(case when k.campaign_type in ('search', 'social') then 'paid_' || k.campaign_type else k.campaign_type end, c.channel),
        c.campaign_id, 0
    from counted c left join campaigns k using (campaign_id)
    where not exists (select from visited where visited.order_id = c.order_id)
),
placed as (
    select
        *,
        row_number() over touch as place,
        count(*) over (partition by order_id) as last_place,
        first_value(visit_id) over (
            partition by order_id order by (traffic_channel = 'direct')::int, started_at desc, visit_id desc
        ) as last_non_direct
    from touches
    window touch as (partition by order_id order by started_at, visit_id)
),
weighted as (
    select
        model, order_id, place, traffic_channel, coalesce(campaign_id, 0) as campaign_id,
        case model
            when 'first' then (place = 1)::int
            when 'last' then (place = last_place)::int
            when 'last_non_direct' then (visit_id = last_non_direct)::int
            when 'linear' then 1
            when 'position_based' then case when last_place > 2 and place in (1, last_place) then 2 * (last_place - 2) else 1 end
            else floor(10000000000 * power(0.5::float8, days / settings.attribution_half_life_days::float8))
        end::numeric as weight
    from placed cross join settings
        cross join unnest(array['first', 'last', 'last_non_direct', 'linear', 'position_based', 'time_decay']) as model
),
summed as (
    select
        *,
        sum(weight) over (partition by model, order_id order by place) as weight_to_here,
        sum(weight) over (partition by model, order_id) as total
    from weighted
),
results as (
    select
        model, order_date as event_date, traffic_channel, s.campaign_id,
        round(weight_to_here / total, 8) - round((weight_to_here - weight) / total, 8) as credit,
        is_first, pg_temp.share(c.gmv, weight, weight_to_here, total) as gmv, 0 as spend
    from summed s join counted c using (order_id)
    where weight > 0
    union all
    select
        model, spend_date,
        case when campaign_type in ('search', 'social') then 'paid_' || campaign_type else campaign_type end,
        campaign_id, 0, false, 0, round(spend_amount * pg_temp.rate_on(s.currency, spend_date), 2)
    from campaign_spend s join campaigns using (campaign_id)
        cross join (select distinct model from weighted) models
)
select
    model as attribution_model, event_date, traffic_channel, campaign_id, campaign_name,
    sum(credit) as order_credit,
    coalesce(sum(credit) filter (where is_first), 0) as new_buyer_credit,
    sum(gmv) as gmv,
    sum(spend) as ad_spend,
    sum(gmv)::float8 / nullif(sum(spend), 0)::float8 as return_on_ad_spend,
    sum(spend)::float8 / nullif(sum(credit) filter (where is_first), 0)::float8 as acquisition_cost
from results left join campaigns using (campaign_id)
group by 1, 2, 3, 4, 5
