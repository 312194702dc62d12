-- The visit of an event is its visitor's last one that began by then.
with owners as (
    select session_id, coalesce(min(user_id)::text, min(device_fingerprint collate "C"), session_id) as visitor_id
    from user_events
    group by session_id
),
placed as (
    select e.*, o.visitor_id, v.visit_id, v.traffic_channel
    from counted_events e
        join owners o using (session_id)
        join visits v on v.visitor_id = o.visitor_id
            and e.occurred_at at time zone 'UTC' between v.started_at and v.ended_at
)
select
    occurred_at::date as event_date,
    traffic_channel as source,
    count(*) as event_count,
    count(distinct visit_id) as visit_count,
    count(distinct visitor_id) as visitor_count,
    count(*) filter (where event_type = 'product_view') as product_view_count,
    count(*) filter (where event_type = 'add_to_cart') as add_to_cart_count,
    count(*) filter (where event_type = 'checkout_start') as checkout_count,
    count(*) filter (where event_type = 'purchase') as purchase_count
from placed
group by 1, 2
