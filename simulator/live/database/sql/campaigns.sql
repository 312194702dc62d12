select campaign_id, campaign_type, currency, ends_at
from campaigns
where status = 'running' and starts_at <= now() and ends_at > now()
order by campaign_id
