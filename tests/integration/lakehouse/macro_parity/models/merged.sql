{{ config(
    materialized='incremental',
    incremental_strategy=('merge' if target.type == 'spark' else 'append'),
    engine='ReplacingMergeTree(_version, _is_deleted)',
    on_schema_change='fail',
    order_by='thing_id',
    unique_key='thing_id',
    post_hook='{{ record_watermark() }}',
) }}
-- Grain: one row per thing, as an ODS model has it.
{{ merge_changes(
    ref('change_log'),
    key=['thing_id'],
    columns={
        'thing_id': 'bigint',
        'name': 'text',
        'amount': 'decimal(18,2)',
        'is_open': 'boolean',
        'tags': 'array<text>',
        'day': 'date',
        'seen_at': 'timestamptz',
        'score': 'double',
        'seen_count': 'int',
        'details': 'json',
    },
    toastable=['name', 'tags'],
) }}
