-- Grain: one row per minute and event type. Counts are additive.
with events as (
    select minute, event_type, is_bot
    from {{ state('state_user_events') }}
)

select
    minute,
    cast(event_type as String) as event_type,
    {{ not_null(row_count(), 'bigint') }} as event_count,
    {{ not_null(row_count('is_bot'), 'bigint') }} as bot_event_count
from events
group by minute, event_type
