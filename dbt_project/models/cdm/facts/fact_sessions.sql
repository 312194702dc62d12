-- Grain: one row per visit: the events of a visitor with less than 30 minutes between one and the next. Counts and
-- durations are additive.
{{ config(unique_key=['visitor_id', 'visit_id'], order_by=['visitor_id', 'visit_id']) }}
with
{{ changed_keys('changed_visitors', [
    keys_in(ref('fact_user_events'), 'visitor_id'),
    keys_referring_to(ref('ods_campaigns'), 'campaign_id', referring=ref('fact_user_events'), key='visitor_id'),
]) }}
events as (
    select *
    from {{ current_rows(ref('fact_user_events')) }}
    {{ where_changed('changed_visitors', 'visitor_id') }}
),

visits as (
    select
        visitor_id,
        visit_id,
        min(session_id) filter (where event_number = 1) as session_id,
        min(user_id) as user_id,
        max(case when is_bot then 1 else 0 end) as is_bot,
        min(platform) filter (where event_number = 1) as platform,
        min(device) filter (where event_number = 1) as device,
        min(country) filter (where event_number = 1) as country,
        min(city) filter (where event_number = 1) as city,
        min(page_path) filter (where event_number = 1) as landing_page,
        min(referrer) filter (where event_number = 1) as referrer,
        min(campaign_id) filter (where event_number = 1) as campaign_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        {{ row_count() }} as event_count,
        {{ row_count("event_type = 'product_view'") }} as product_view_count,
        {{ row_count("event_type = 'add_to_cart'") }} as add_to_cart_count,
        {{ row_count("event_type = 'checkout_start'") }} as checkout_count,
        {{ distinct_count('order_id', "event_type = 'purchase'") }} as order_count,
        {{ row_count("event_type = 'purchase'") }} as purchase_count
    from events
    group by visitor_id, visit_id
),

visit_rows as (
    select
        {{ not_null('visits.visit_id') }} as visit_id,
        {{ not_null('visits.visitor_id') }} as visitor_id,
        visits.session_id as session_id,
        visits.user_id as user_id,
        {{ as_type('visits.is_bot = 1', 'boolean') }} as is_bot,
        visits.platform as platform,
        visits.device as device,
        visits.country as country,
        visits.city as city,
        visits.landing_page as landing_page,
        visits.referrer as referrer,
        visits.campaign_id as campaign_id,
        {{ traffic_channel('campaigns.campaign_type', 'visits.referrer') }} as traffic_channel,
        visits.started_at as started_at,
        visits.ended_at as ended_at,
        {{ day_of('visits.started_at') }} as session_date,
        {{ hour_of('visits.started_at') }} as session_hour,
        {{ elapsed_ms('visits.started_at', 'visits.ended_at') }} as duration_ms,
        visits.event_count as event_count,
        visits.product_view_count as product_view_count,
        visits.add_to_cart_count as add_to_cart_count,
        visits.checkout_count as checkout_count,
        visits.order_count as order_count,
        {{ as_type('visits.event_count = 1', 'boolean') }} as is_bounce,
        {{ as_type('visits.purchase_count > 0', 'boolean') }} as is_converted,
        {{ as_type('visits.add_to_cart_count > 0 and visits.purchase_count = 0', 'boolean') }} as is_abandoned
    from visits
    left join {{ current_rows(ref('ods_campaigns')) }} as campaigns on visits.campaign_id = campaigns.campaign_id
)

{{ versions_of('visit_rows', changed='changed_visitors', key='visitor_id') }}
