insert into customers (external_id, user_id, country)
select users.external_id, users.user_id, 'ZZ'
from (select distinct visitorid from retailrocket_visits where has_purchase) as bought
inner join users on users.external_id = 'retailrocket:visitor:' || bought.visitorid
order by users.user_id
on conflict (external_id) do nothing
