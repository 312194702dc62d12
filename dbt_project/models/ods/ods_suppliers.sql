-- Grain: one row per supplier_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['supplier_id'], order_by=['supplier_id']) }}
{{ merge_changes(
    source('bronze', 'suppliers'),
    key=['supplier_id'],
    columns={
        'supplier_id': 'bigint',
        'external_id': 'text',
        'supplier_name': 'text',
        'status': 'text',
        'country': 'text',
        'contact_email': 'text',
        'lead_time_days': 'int',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'supplier_name',
        'country',
        'contact_email',
    ],
) }}
