-- Grain: one row per account.
{{ config(order_by=['user_id']) }}
{{ state_changes(
    source('bronze', 'users'),
    key={'user_id': 'bigint'},
    columns={'is_test': 'boolean', 'is_bot': 'boolean', 'country': 'code', 'registered_at': 'timestamptz?'},
) }}
