-- Grain: one row per user_id, product_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['user_id', 'product_id'], order_by=['user_id', 'product_id']) }}
{{ merge_changes(
    source('bronze', 'wishlists'),
    key=['user_id', 'product_id'],
    columns={
        'user_id': 'bigint',
        'product_id': 'bigint',
        'added_at': 'timestamptz',
        'created_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
