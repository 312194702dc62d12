-- Grain: one row per redemption_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['redemption_id'], order_by=['redemption_id']) }}
{{ merge_changes(
    source('bronze', 'voucher_redemptions'),
    key=['redemption_id'],
    columns={
        'redemption_id': 'bigint',
        'voucher_id': 'bigint',
        'order_id': 'bigint',
        'user_id': 'bigint',
        'currency': 'text',
        'discount_amount': 'decimal(18,2)',
        'redeemed_at': 'timestamptz',
        'released_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'currency',
    ],
) }}
