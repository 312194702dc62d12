select seller_id, tier
from sellers
where status = 'active'
order by seller_id
