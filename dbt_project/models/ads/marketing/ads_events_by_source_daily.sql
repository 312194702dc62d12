-- Grain: one row per day of the shop and traffic channel of the visits. Event counts are additive; visits and visitors are not
-- over days.
with left_out as (
    select user_id
    from {{ current_rows(ref('ods_users')) }} as users
    where {{ is_left_out('users') }}
),

visits as (
    select visit_id, traffic_channel
    from {{ current_rows(ref('fact_sessions')) }}
),

events as (
    select visit_id, visitor_id, event_type, event_date
    from {{ current_rows(ref('fact_user_events')) }}
    where not is_bot and (user_id is null or user_id not in (select user_id from left_out))
)

select
    {{ not_null('events.event_date') }} as event_date,
    {{ not_null('visits.traffic_channel', 'text') }} as source,
    {{ row_count() }} as event_count,
    {{ distinct_count('events.visit_id') }} as visit_count,
    {{ distinct_count('events.visitor_id') }} as visitor_count,
    {{ row_count("events.event_type = 'product_view'") }} as product_view_count,
    {{ row_count("events.event_type = 'add_to_cart'") }} as add_to_cart_count,
    {{ row_count("events.event_type = 'checkout_start'") }} as checkout_count,
    {{ row_count("events.event_type = 'purchase'") }} as purchase_count
from events
inner join visits on events.visit_id = visits.visit_id
group by events.event_date, visits.traffic_channel
