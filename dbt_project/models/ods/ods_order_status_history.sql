-- Grain: one row per history_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['history_id'], order_by=['history_id']) }}
{{ merge_changes(
    source('bronze', 'order_status_history'),
    key=['history_id'],
    columns={
        'history_id': 'bigint',
        'order_id': 'bigint',
        'step_number': 'int',
        'from_status': 'text',
        'to_status': 'text',
        'changed_at': 'timestamptz',
        'note': 'text',
        'created_at': 'timestamptz',
    },
    toastable=[
        'note',
    ],
) }}
