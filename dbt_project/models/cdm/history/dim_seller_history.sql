-- Grain: one row per seller and version of its contract. Nothing is additive.
{{ config(unique_key=['seller_id', 'valid_from'], order_by=['seller_id', 'valid_from']) }}
{% set columns = {'seller_id': 'bigint', 'tier': 'text', 'commission_rate': 'decimal(6,4)'} %}
with logged as (
    {{ logged_states(source('bronze', 'sellers'), ['seller_id'], columns) }}
),

recorded as (
    select seller_id, valid_from, tier, commission_rate
    from {{ current_rows(ref('ods_seller_contract_history')) }}
),

first_records as (
    select seller_id, min(valid_from) as recorded_from
    from recorded
    group by seller_id
),

-- The source's own history counts from its first record on; before that, the log.
candidates as (
    select seller_id, valid_from, tier, commission_rate, false as is_logged, '' as place
    from recorded
    union all
    select
        logged.seller_id as seller_id,
        coalesce(logged.changed_by, {{ beginning_of_time() }}) as valid_from,
        logged.tier as tier,
        logged.commission_rate as commission_rate,
        true as is_logged,
        logged._position as place
    from logged
    left join first_records on logged.seller_id = first_records.seller_id
    where first_records.recorded_from is null or logged.changed_by < first_records.recorded_from
),

versions as (
    {{ versions_over_time('candidates', 'seller_id', ['tier', 'commission_rate']) }}
),

history as (
    select
        {{ not_null('seller_id') }} as seller_id,
        {{ not_null('valid_from') }} as valid_from,
        valid_to,
        known_from,
        version_number,
        {{ as_type('valid_to is null', 'boolean') }} as is_current,
        {{ as_type('is_assumed', 'boolean') }} as is_assumed,
        tier as contract_tier,
        commission_rate
    from versions
)

{{ versions_of('history') }}
