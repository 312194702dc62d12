select
    campaign_id,
    spend_date,
    case campaign_type when 'search' then 'paid_search' when 'social' then 'paid_social' else campaign_type end as traffic_channel,
    impression_count,
    click_count,
    s.currency,
    spend_amount,
    reporting.currency as reporting_currency,
    case when s.currency = reporting.currency then 1 else pg_temp.rate_on(s.currency, spend_date) end as fx_rate,
    round(spend_amount * pg_temp.rate_on(s.currency, spend_date), 2) as spend_amount_reporting
from campaign_spend s join campaigns using (campaign_id) cross join reporting
