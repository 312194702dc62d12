-- Grain: one row per payment_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['payment_id'], order_by=['payment_id']) }}
{{ merge_changes(
    source('bronze', 'payments'),
    key=['payment_id'],
    columns={
        'payment_id': 'bigint',
        'external_id': 'text',
        'order_id': 'bigint',
        'sequence_number': 'int',
        'method': 'text',
        'gateway': 'text',
        'status': 'text',
        'currency': 'text',
        'amount': 'decimal(18,2)',
        'fee_amount': 'decimal(18,2)',
        'installment_count': 'int',
        'card_country': 'text',
        'failure_reason': 'text',
        'attempted_at': 'timestamptz',
        'captured_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'gateway',
        'currency',
        'card_country',
        'failure_reason',
    ],
) }}
