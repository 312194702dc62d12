-- Grain: one row per buyer's profile and version of its tier, place and consent. Nothing is additive.
{{ config(unique_key=['customer_id', 'valid_from'], order_by=['customer_id', 'valid_from']) }}
{% set columns = {
    'customer_id': 'bigint',
    'tier': 'text',
    'country': 'text',
    'state': 'text',
    'city': 'text',
    'postal_code': 'text',
    'has_marketing_consent': 'boolean',
} %}
{% set profile = ['country', 'state', 'city', 'postal_code', 'has_marketing_consent'] %}
with logged as (
    {{ logged_states(source('bronze', 'customers'), ['customer_id'], columns) }}
),

first_records as (
    select customer_id, min(valid_from) as recorded_from
    from {{ current_rows(ref('ods_customer_tier_history')) }}
    group by customer_id
),

-- The source's own history of tiers counts from its first record on; before that, the log.
tier_candidates as (
    select customer_id, valid_from, tier, false as is_logged, '' as place
    from {{ current_rows(ref('ods_customer_tier_history')) }}
    union all
    select
        logged.customer_id as customer_id,
        coalesce(logged.changed_by, {{ beginning_of_time() }}) as valid_from,
        logged.tier as tier,
        true as is_logged,
        logged._position as place
    from logged
    left join first_records on logged.customer_id = first_records.customer_id
    where first_records.recorded_from is null or logged.changed_by < first_records.recorded_from
),

-- Places and consent are known from the log alone.
profile_candidates as (
    select
        customer_id,
        coalesce(changed_by, {{ beginning_of_time() }}) as valid_from,
        true as is_logged,
        _position as place,
        {{ profile | join(',\n        ') }}
    from logged
),

tiers as (
    {{ versions_over_time('tier_candidates', 'customer_id', ['tier']) }}
),

profiles as (
    {{ versions_over_time('profile_candidates', 'customer_id', profile) }}
),

-- Where a version of the one and a version of the other hold at the same time.
overlapping as (
    select
        tiers.customer_id as customer_id,
        greatest(tiers.valid_from, profiles.valid_from) as valid_from,
        greatest(tiers.known_from, profiles.known_from) as known_from,
        greatest(
            case when tiers.is_assumed then tiers.known_from else {{ beginning_of_time() }} end,
            case when profiles.is_assumed then profiles.known_from else {{ beginning_of_time() }} end
        ) as assumed_until,
        {% for column in profile -%}
        profiles.{{ column }} as {{ column }},
        {% endfor -%}
        tiers.tier as tier
    from tiers
    inner join profiles on tiers.customer_id = profiles.customer_id
    where
        (profiles.valid_to is null or tiers.valid_from < profiles.valid_to)
        and (tiers.valid_to is null or profiles.valid_from < tiers.valid_to)
),

history as (
    select
        {{ not_null('customer_id') }} as customer_id,
        {{ not_null('valid_from') }} as valid_from,
        lead(valid_from) over (partition by customer_id order by valid_from) as valid_to,
        known_from,
        {{ as_type('row_number() over (partition by customer_id order by valid_from)', 'bigint') }} as version_number,
        {{ as_type('lead(valid_from) over (partition by customer_id order by valid_from) is null', 'boolean') }} as is_current,
        {{ as_type('valid_from < assumed_until', 'boolean') }} as is_assumed,
        tier,
        concat(country, '-', postal_code) as geography_id,
        country,
        state,
        city,
        has_marketing_consent
    from overlapping
)

{{ versions_of('history') }}
