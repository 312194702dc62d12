-- Grain: one row per campaign. budget_amount is additive within a currency.
select
    campaign_id,
    campaign_name,
    campaign_type,
    {{ campaign_channel('campaign_type') }} as traffic_channel,
    objective,
    utm_source,
    utm_medium,
    utm_campaign,
    currency,
    budget_amount,
    status,
    starts_at,
    ends_at,
    {{ day_of('starts_at') }} as start_date,
    {{ day_of('ends_at - interval 1 second') }} as end_date
from {{ current_rows(ref('ods_campaigns')) }}
