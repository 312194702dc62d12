-- Grain: one row per payout_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['payout_id'], order_by=['payout_id']) }}
{{ merge_changes(
    source('bronze', 'payouts'),
    key=['payout_id'],
    columns={
        'payout_id': 'bigint',
        'external_id': 'text',
        'payer_type': 'text',
        'payer': 'text',
        'seller_id': 'bigint',
        'status': 'text',
        'currency': 'text',
        'gross_amount': 'decimal(18,2)',
        'fee_amount': 'decimal(18,2)',
        'net_amount': 'decimal(18,2)',
        'period_starts_at': 'timestamptz',
        'period_ends_at': 'timestamptz',
        'paid_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'payer',
        'currency',
    ],
) }}
