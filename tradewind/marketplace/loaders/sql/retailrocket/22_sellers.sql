insert into sellers (external_id, seller_name, country, joined_at)
select 'retailrocket:shop', 'RetailRocket shop', 'ZZ', min(started_at)
from retailrocket_visits
having count(*) > 0
on conflict (external_id) do nothing
