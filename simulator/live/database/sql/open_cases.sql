select order_id
from fraud_cases
where outcome is null and opened_at > %(since)s
order by order_id
