-- Grain: one row per category_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['category_id'], order_by=['category_id']) }}
{{ merge_changes(
    source('bronze', 'categories'),
    key=['category_id'],
    columns={
        'category_id': 'bigint',
        'external_id': 'text',
        'parent_id': 'bigint',
        'level': 'int',
        'category_name': 'text',
        'local_name': 'text',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'category_name',
        'local_name',
    ],
) }}
