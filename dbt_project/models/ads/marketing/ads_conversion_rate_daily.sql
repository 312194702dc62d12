-- Grain: one row per day with visitors. Counts and the rate are not additive: a visitor of two days counts on each.
with left_out as (
    select user_id
    from {{ current_rows(ref('ods_users')) }} as users
    where {{ is_left_out('users') }}
),

events as (
    select
        {{ day_of('occurred_at') }} as event_date,
        {{ visitor_of('events') }} as visitor_id,
        case when event_type = 'purchase' then user_id end as buyer_id
    from {{ included_rows(ref('ods_user_events'), 'event_id') }} as events
    where not is_bot and (user_id is null or user_id not in (select user_id from left_out))
),

daily as (
    select
        event_date,
        {{ distinct_count('visitor_id') }} as dau_count,
        {{ distinct_count('buyer_id') }} as unique_buyers
    from events
    group by event_date
)

select
    {{ not_null('event_date') }} as event_date,
    dau_count,
    unique_buyers,
    {{ ratio('unique_buyers', 'dau_count') }} as conversion_rate
from daily
