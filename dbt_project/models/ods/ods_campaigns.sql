-- Grain: one row per campaign_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['campaign_id'], order_by=['campaign_id']) }}
{{ merge_changes(
    source('bronze', 'campaigns'),
    key=['campaign_id'],
    columns={
        'campaign_id': 'bigint',
        'external_id': 'text',
        'campaign_name': 'text',
        'campaign_type': 'text',
        'objective': 'text',
        'utm_source': 'text',
        'utm_medium': 'text',
        'utm_campaign': 'text',
        'currency': 'text',
        'budget_amount': 'decimal(18,2)',
        'status': 'text',
        'starts_at': 'timestamptz',
        'ends_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'campaign_name',
        'utm_source',
        'utm_medium',
        'utm_campaign',
        'currency',
    ],
) }}
