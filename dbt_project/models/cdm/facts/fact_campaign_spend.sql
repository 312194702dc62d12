-- Grain: one row per campaign and day. Counts and amounts are additive (amounts within a currency, or in the reporting
-- currency).
{{ config(unique_key=['campaign_id', 'spend_date'], order_by=['campaign_id', 'spend_date']) }}
{% set key = ['campaign_id', 'spend_date'] %}
with
{{ changed_keys('changed_days', [
    keys_in(ref('ods_campaign_spend'), key),
    keys_referring_to(ref('ods_campaigns'), 'campaign_id', referring=ref('ods_campaign_spend'), key=key),
    keys_of_changed_rates('spend_date', key=key),
    keys_of_exclusions(ref('ods_campaign_spend'), key, key=key),
]) }}
spend as (
    select campaign_id, spend_date, currency, spend_amount, impression_count, click_count
    from {{ included_rows(ref('ods_campaign_spend'), key) }} as included
    {{ where_changed('changed_days', key) }}
),

spend_rows as (
    select
        {{ not_null('spend.campaign_id') }} as campaign_id,
        {{ not_null('spend.spend_date') }} as spend_date,
        {{ campaign_channel('campaigns.campaign_type') }} as traffic_channel,
        spend.impression_count as impression_count,
        spend.click_count as click_count,
        spend.currency as currency,
        spend.spend_amount as spend_amount,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate,
        {{ money_times('spend.spend_amount', 'rates.rate') }} as spend_amount_reporting
    from spend
    left join {{ current_rows(ref('ods_campaigns')) }} as campaigns on spend.campaign_id = campaigns.campaign_id
    left join {{ ref('dim_fx_rate') }} as rates on spend.currency = rates.currency and spend.spend_date = rates.rate_date
)

{{ versions_of('spend_rows', changed='changed_days', key=key) }}
