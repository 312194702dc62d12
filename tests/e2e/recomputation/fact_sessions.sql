with owners as (
    select session_id, coalesce(min(user_id)::text, min(device_fingerprint collate "C"), session_id) as visitor_id
    from user_events
    group by session_id
),
starts as (
    select
        e.*,
        visitor_id,
        occurred_at - lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) <= interval '30 minutes'
        is not true as is_start
    from user_events e join owners using (session_id)
),
numbered as (
    select *, count(*) filter (where is_start) over (partition by visitor_id order by occurred_at, event_id) as visit
    from starts
),
visits as (
    select
        visitor_id,
        (array_agg(event_id order by occurred_at, event_id))[1] as visit_id,
        min(user_id) as user_id,
        bool_or(is_bot) as is_bot,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        count(*) filter (where event_type = 'product_view') as product_view_count,
        count(*) filter (where event_type = 'add_to_cart') as add_to_cart_count,
        count(*) filter (where event_type = 'checkout_start') as checkout_count,
        count(distinct order_id) filter (where event_type = 'purchase') as order_count,
        bool_or(event_type = 'purchase') as is_converted
    from numbered
    group by visitor_id, visit
)
select
    visit_id,
    visitor_id,
    first.session_id,
    visits.user_id,
    visits.is_bot,
    first.platform,
    first.device,
    first.country,
    first.city,
    first.page_path as landing_page,
    first.referrer,
    first.campaign_id,
    case
        when campaign_type in ('search', 'social') then 'paid_' || campaign_type
        when campaign_type is not null then campaign_type
        when first.referrer is null then 'direct'
        when first.referrer ~ '^https?://www\.(google|bing)\.' then 'organic_search'
        when first.referrer ~ '^https?://www\.(facebook|tiktok)\.' then 'organic_social'
        else 'referral'
    end as traffic_channel,
    started_at at time zone 'UTC' as started_at,
    ended_at at time zone 'UTC' as ended_at,
    started_at::date as session_date,
    extract(hour from started_at)::int as session_hour,
    trunc(extract(epoch from ended_at - started_at) * 1000)::bigint as duration_ms,
    event_count,
    product_view_count,
    add_to_cart_count,
    checkout_count,
    order_count,
    event_count = 1 as is_bounce,
    is_converted,
    add_to_cart_count > 0 and not is_converted as is_abandoned
from visits
    join user_events first on first.event_id = visits.visit_id
    left join campaigns on campaigns.campaign_id = first.campaign_id
