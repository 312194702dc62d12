-- Grain: one row per seller_id, valid_from. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['seller_id', 'valid_from'], order_by=['seller_id', 'valid_from']) }}
{{ merge_changes(
    source('bronze', 'seller_contract_history'),
    key=['seller_id', 'valid_from'],
    columns={
        'seller_id': 'bigint',
        'valid_from': 'timestamptz',
        'tier': 'text',
        'commission_rate': 'decimal(6,4)',
        'created_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
