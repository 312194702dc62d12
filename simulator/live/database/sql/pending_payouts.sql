select payout_id, payer_type, payer
from payouts
where status = 'pending' and period_ends_at > %(since)s
order by payout_id
