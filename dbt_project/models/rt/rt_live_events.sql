-- Grain: one row per event, the latest hundred of the last hour. Nothing is additive.
select
    event_id,
    occurred_at,
    cast(event_type as String) as event_type,
    cast(platform as String) as platform,
    cast(country as String) as country,
    product_id,
    is_bot
from {{ state('state_user_events') }}
where minute >= now() - interval 1 hour
order by occurred_at desc, event_id desc
limit 100
