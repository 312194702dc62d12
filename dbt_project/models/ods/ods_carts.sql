-- Grain: one row per cart_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['cart_id'], order_by=['cart_id']) }}
{{ merge_changes(
    source('bronze', 'carts'),
    key=['cart_id'],
    columns={
        'cart_id': 'bigint',
        'external_id': 'text',
        'user_id': 'bigint',
        'session_id': 'text',
        'order_id': 'bigint',
        'status': 'text',
        'currency': 'text',
        'opened_at': 'timestamptz',
        'closed_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'session_id',
        'currency',
    ],
) }}
