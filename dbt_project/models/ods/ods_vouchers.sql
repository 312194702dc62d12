-- Grain: one row per voucher_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['voucher_id'], order_by=['voucher_id']) }}
{{ merge_changes(
    source('bronze', 'vouchers'),
    key=['voucher_id'],
    columns={
        'voucher_id': 'bigint',
        'external_id': 'text',
        'voucher_code': 'text',
        'voucher_type': 'text',
        'value': 'decimal(18,2)',
        'currency': 'text',
        'max_discount_amount': 'decimal(18,2)',
        'min_order_amount': 'decimal(18,2)',
        'funded_by': 'text',
        'usage_limit': 'int',
        'per_user_limit': 'int',
        'used_count': 'int',
        'campaign_id': 'bigint',
        'status': 'text',
        'starts_at': 'timestamptz',
        'ends_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'voucher_code',
        'currency',
    ],
) }}
