{{ config(
    materialized='incremental',
    incremental_strategy=('merge' if target.type == 'spark' else 'append'),
    engine='ReplacingMergeTree()',
    on_schema_change='fail',
    order_by='counted_id',
    unique_key='counted_id',
    post_hook='{{ record_watermark() }}',
) }}
-- Grain: one row. How many rows readers of a merged table see, and how many keys a later model's next run finds changed.
select
    {{ not_null('1', 'int') }} as counted_id,
    (select {{ row_count() }} from {{ current_rows(ref('merged')) }} as living) as live_count,
    {%- if is_incremental() %}
    (select {{ distinct_count('thing_id') }} from {{ changed_rows(ref('merged')) }} as changed) as touched_count,
    {%- else %}
    {{ as_type('0', 'bigint') }} as touched_count,
    {%- endif %}
    {{ not_null(run_started()) }} as _loaded_at
