-- Grain: one row per seller_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['seller_id'], order_by=['seller_id']) }}
{{ merge_changes(
    source('bronze', 'sellers'),
    key=['seller_id'],
    columns={
        'seller_id': 'bigint',
        'external_id': 'text',
        'user_id': 'bigint',
        'seller_name': 'text',
        'status': 'text',
        'tier': 'text',
        'rating_avg': 'decimal(3,2)',
        'commission_rate': 'decimal(6,4)',
        'city': 'text',
        'state': 'text',
        'postal_code': 'text',
        'country': 'text',
        'joined_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'seller_name',
        'city',
        'state',
        'postal_code',
        'country',
    ],
) }}
