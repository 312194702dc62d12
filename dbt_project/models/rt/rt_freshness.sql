-- Grain: one row per near-real-time mart. seconds_behind is not additive.
with commits as (
    select input, committed_at, max(committed_at) over () as captured_until
    from ({{ newest_commits() }})
),

refreshes as (
    select
        extract(view, '^(.+)__[0-9]+_mv$') as state,
        toDateTime64(last_success_time, 6, 'UTC') - toIntervalMillisecond(last_success_duration_ms) as refreshed_at
    from system.view_refreshes
    where database = 'rt' and last_success_time is not null
),

marts as (
    {{ marts_and_their_inputs() }}
),

measured as (
    select
        marts.mart as mart,
        max(commits.committed_at) as newest_commit_at,
        max(commits.captured_until) as captured_until,
        min(refreshes.refreshed_at) as refreshed_at
    from marts
    left join commits on marts.input = commits.input
    left join refreshes on marts.input = refreshes.state
    group by mart
),

completed as (
    select
        mart,
        newest_commit_at,
        least(max(captured_until) over (), coalesce(refreshed_at, max(captured_until) over ())) as complete_until
    from measured
)

select
    mart,
    newest_commit_at,
    complete_until,
    {{ seconds_since('complete_until') }} as seconds_behind,
    {{ is_stale('seconds_behind') }} as is_stale
from completed
