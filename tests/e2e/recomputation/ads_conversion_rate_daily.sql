select
    occurred_at::date as event_date,
    count(distinct coalesce(user_id::text, device_fingerprint, session_id)) as dau_count,
    count(distinct user_id) filter (where event_type = 'purchase') as unique_buyers,
    count(distinct user_id) filter (where event_type = 'purchase')::float8
    / count(distinct coalesce(user_id::text, device_fingerprint, session_id)) as conversion_rate
from counted_events
group by 1
