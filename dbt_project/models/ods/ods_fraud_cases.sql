-- Grain: one row per fraud_case_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['fraud_case_id'], order_by=['fraud_case_id']) }}
{{ merge_changes(
    source('bronze', 'fraud_cases'),
    key=['fraud_case_id'],
    columns={
        'fraud_case_id': 'bigint',
        'external_id': 'text',
        'order_id': 'bigint',
        'opened_at': 'timestamptz',
        'outcome': 'text',
        'decided_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
    ],
) }}
