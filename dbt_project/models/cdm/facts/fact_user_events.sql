-- Grain: one row per event of the clickstream. Counts and durations are additive.
-- The events of a visitor belong together: one that arrives late can join or part visits, and a login in a session says
-- whose its earlier events are.
{{ config(unique_key=['visitor_id', 'event_id'], order_by=['visitor_id', 'event_id']) }}
with
{% if is_incremental() %}
changed_events as (
    select event_id from {{ changed_rows(ref('ods_user_events')) }} as changed
    union distinct
    {{ keys_of_exclusions(ref('ods_user_events'), 'event_id', key='event_id') }}
),

changed_sessions as (
    select session_id from {{ current_rows(ref('ods_user_events')) }} as events
    where event_id in (select event_id from changed_events)
    union distinct
    select session_id from {{ current_rows(this) }} as known
    where event_id in (select event_id from changed_events)
),

changed_visitors as (
    select visitor_id from {{ current_rows(this) }} as known
    where session_id in (select session_id from changed_sessions)
    union distinct
    select {{ visitor_of_session() }} as visitor_id
    from {{ included_rows(ref('ods_user_events'), 'event_id') }} as events
    where session_id in (select session_id from changed_sessions)
    group by session_id
),
{% endif %}
sessions as (
    select session_id, {{ visitor_of_session() }} as visitor_id
    from {{ included_rows(ref('ods_user_events'), 'event_id') }} as events
    {% if is_incremental() %}
    where session_id in (
        select session_id from {{ current_rows(ref('ods_user_events')) }} as events
        where {{ visitor_of('events') }} in (select visitor_id from changed_visitors)
    )
    {% endif %}
    group by session_id
),

visitors as (
    select session_id, visitor_id
    from sessions
    {{ where_changed('changed_visitors', 'visitor_id') }}
),

events as (
    select
        visitors.visitor_id as visitor_id,
        events.event_id as event_id,
        events.session_id as session_id,
        events.event_type as event_type,
        events.user_id as user_id,
        events.product_id as product_id,
        events.category_id as category_id,
        events.order_id as order_id,
        events.campaign_id as campaign_id,
        events.platform as platform,
        events.device as device,
        events.country as country,
        events.city as city,
        events.page_path as page_path,
        events.referrer as referrer,
        events.search_query as search_query,
        events.duration_ms as duration_ms,
        events.scroll_depth_rate as scroll_depth_rate,
        events.click_count as click_count,
        events.is_bot as is_bot,
        events.occurred_at as occurred_at
    from {{ included_rows(ref('ods_user_events'), 'event_id') }} as events
    inner join visitors on events.session_id = visitors.session_id
    {% if is_incremental() %}
    where events.session_id in (select session_id from visitors)
    {% endif %}
),

timed as (
    select
        *,
        lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) as previous_at
    from events
),

numbered as (
    select
        *,
        sum({{ begins_visit('occurred_at', 'previous_at') }}) over (
            partition by visitor_id order by occurred_at, event_id rows between unbounded preceding and current row
        ) as visit_number
    from timed
),

event_rows as (
    select
        {{ not_null('event_id') }} as event_id,
        {{ not_null('visitor_id', 'text') }} as visitor_id,
        {{ as_type('first_value(event_id) over (partition by visitor_id, visit_number order by occurred_at, event_id)', 'bigint') }} as visit_id,
        {{ as_type('row_number() over (partition by visitor_id, visit_number order by occurred_at, event_id)', 'bigint') }} as event_number,
        session_id,
        event_type,
        user_id,
        product_id,
        category_id,
        order_id,
        campaign_id,
        platform,
        device,
        country,
        city,
        page_path,
        referrer,
        search_query,
        duration_ms,
        scroll_depth_rate,
        click_count,
        is_bot,
        occurred_at,
        {{ day_of('occurred_at') }} as event_date,
        {{ hour_of('occurred_at') }} as event_hour
    from numbered
)

{{ versions_of('event_rows', changed='changed_visitors', key='visitor_id') }}
