-- Grain: one row per payout_line_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['payout_line_id'], order_by=['payout_line_id']) }}
{{ merge_changes(
    source('bronze', 'payout_lines'),
    key=['payout_line_id'],
    columns={
        'payout_line_id': 'bigint',
        'external_id': 'text',
        'payout_id': 'bigint',
        'order_id': 'bigint',
        'order_item_id': 'bigint',
        'payment_id': 'bigint',
        'return_id': 'bigint',
        'line_type': 'text',
        'gross_amount': 'decimal(18,2)',
        'fee_amount': 'decimal(18,2)',
        'net_amount': 'decimal(18,2)',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
    ],
) }}
