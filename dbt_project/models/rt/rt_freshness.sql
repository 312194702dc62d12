-- Grain: one row per near-real-time mart. seconds_behind is not additive.
with commits as (
    {{ newest_commits() }}
),

capture as (
    select max(committed_at) as newest_commit_at from commits
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
        min(refreshes.refreshed_at) as refreshed_at
    from marts
    left join commits on marts.input = commits.input
    left join refreshes on marts.input = refreshes.state
    group by mart
)

select
    measured.mart as mart,
    measured.newest_commit_at as newest_commit_at,
    least(capture.newest_commit_at, coalesce(measured.refreshed_at, capture.newest_commit_at)) as complete_until,
    {{ seconds_since('least(capture.newest_commit_at, coalesce(measured.refreshed_at, capture.newest_commit_at))') }} as seconds_behind,
    {{ is_stale('seconds_behind') }} as is_stale
from measured
cross join capture
