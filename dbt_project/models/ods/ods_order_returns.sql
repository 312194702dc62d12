-- Grain: one row per return_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['return_id'], order_by=['return_id']) }}
{{ merge_changes(
    source('bronze', 'order_returns'),
    key=['return_id'],
    columns={
        'return_id': 'bigint',
        'external_id': 'text',
        'order_id': 'bigint',
        'order_item_id': 'bigint',
        'status': 'text',
        'reason': 'text',
        'quantity': 'int',
        'currency': 'text',
        'refund_amount': 'decimal(18,2)',
        'requested_at': 'timestamptz',
        'received_at': 'timestamptz',
        'refunded_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'currency',
    ],
) }}
