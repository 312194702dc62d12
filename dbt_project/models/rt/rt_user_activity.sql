-- Grain: one row per account with an event in the last half hour. Counts of events are additive, distinct counts are not.
with events as (
    select
        assumeNotNull(user_id) as user_id,
        event_type,
        session_id,
        product_id,
        device_fingerprint,
        ip_address,
        country,
        city,
        occurred_at,
        occurred_at >= now64(6, 'UTC') - interval 5 minute as is_recent
    from {{ state('state_user_events') }}
    where
        user_id is not null
        and minute >= now() - interval 31 minute
        and occurred_at >= now64(6, 'UTC') - interval 30 minute
)

select
    user_id,
    assumeNotNull(argMax(session_id, occurred_at)) as session_id,
    assumeNotNull(min(occurred_at)) as first_event_at,
    assumeNotNull(max(occurred_at)) as last_event_at,
    {{ not_null(row_count(), 'bigint') }} as event_count_30m,
    {{ not_null(row_count('is_recent'), 'bigint') }} as event_count_5m,
    {{ not_null(row_count("event_type = 'product_view'"), 'bigint') }} as view_count_30m,
    {{ not_null(row_count("event_type = 'product_view' and is_recent"), 'bigint') }} as view_count_5m,
    {{ not_null(row_count("event_type = 'add_to_cart'"), 'bigint') }} as cart_count_30m,
    {{ not_null(row_count("event_type = 'add_to_cart' and is_recent"), 'bigint') }} as cart_count_5m,
    {{ not_null(row_count("event_type = 'checkout_start' and is_recent"), 'bigint') }} as checkout_count_5m,
    {{ not_null(row_count("event_type = 'purchase'"), 'bigint') }} as purchase_count_30m,
    {{ not_null(row_count("event_type = 'purchase' and is_recent"), 'bigint') }} as purchase_count_5m,
    {{ not_null(distinct_count('session_id'), 'bigint') }} as session_count_30m,
    {{ not_null(distinct_count("nullIf(device_fingerprint, '')", 'is_recent'), 'bigint') }} as device_count_5m,
    {{ not_null(distinct_count("nullIf(ip_address, '')", 'is_recent'), 'bigint') }} as address_count_5m,
    {{ not_null(distinct_count("nullIf(country, '')", 'is_recent'), 'bigint') }} as country_count_5m,
    {{ not_null(distinct_count("nullIf(city, '')", 'is_recent'), 'bigint') }} as city_count_5m,
    {{ as_type(
        'arraySlice(arrayDistinct(arrayMap(seen -> seen.2, arrayReverseSort('
        ~ 'groupArrayIf(tuple(occurred_at, assumeNotNull(product_id)), product_id is not null)))), 1, 20)', 'array<bigint>'
    ) }} as recent_product_ids
from events
group by user_id
