insert into users (external_id, user_type, status, country, registered_at)
select
    'retailrocket:visitor:' || visitorid,
    case when bool_or(has_purchase) then 'buyer' else 'guest' end,
    'active',
    'ZZ',
    min(started_at)
from retailrocket_visits
group by visitorid
order by visitorid
on conflict (external_id) do nothing
