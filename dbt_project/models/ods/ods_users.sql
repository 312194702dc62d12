-- Grain: one row per user_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['user_id'], order_by=['user_id']) }}
{{ merge_changes(
    source('bronze', 'users'),
    key=['user_id'],
    columns={
        'user_id': 'bigint',
        'external_id': 'text',
        'user_type': 'text',
        'status': 'text',
        'email': 'text',
        'phone': 'text',
        'country': 'text',
        'language': 'text',
        'time_zone': 'text',
        'acquisition_channel': 'text',
        'is_bot': 'boolean',
        'is_test': 'boolean',
        'registered_at': 'timestamptz',
        'last_login_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'email',
        'phone',
        'country',
        'language',
        'time_zone',
        'acquisition_channel',
    ],
) }}
