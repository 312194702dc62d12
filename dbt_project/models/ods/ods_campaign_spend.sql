-- Grain: one row per campaign_id, spend_date. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['campaign_id', 'spend_date'], order_by=['campaign_id', 'spend_date']) }}
{{ merge_changes(
    source('bronze', 'campaign_spend'),
    key=['campaign_id', 'spend_date'],
    columns={
        'campaign_id': 'bigint',
        'spend_date': 'date',
        'currency': 'text',
        'spend_amount': 'decimal(18,2)',
        'impression_count': 'bigint',
        'click_count': 'bigint',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'currency',
    ],
) }}
