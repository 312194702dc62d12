-- Grain: one row per customer_id, valid_from. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['customer_id', 'valid_from'], order_by=['customer_id', 'valid_from']) }}
{{ merge_changes(
    source('bronze', 'customer_tier_history'),
    key=['customer_id', 'valid_from'],
    columns={
        'customer_id': 'bigint',
        'valid_from': 'timestamptz',
        'tier': 'text',
        'created_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
