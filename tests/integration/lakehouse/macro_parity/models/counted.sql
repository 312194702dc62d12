-- Grain: one row. What readers of a merged table see, and what a later model finds changed.
select
    (select {{ row_count() }} from {{ live(ref('merged')) }} as living) as live_count,
    (select {{ row_count() }} from {{ touched(ref('merged')) }} as changed) as touched_count
