-- Grain: one row per event, in the minute it happened in.
{{ config(order_by=['minute', 'event_id'], partition_by='toYYYYMM(minute)', ttl=minute_ttl()) }}
{{ state_changes(
    source('bronze', 'user_events'),
    key={'event_id': 'bigint'},
    at=['occurred_at'],
    columns={
        'event_type': 'code',
        'platform': 'code',
        'session_id': 'text',
        'user_id': 'bigint?',
        'product_id': 'bigint?',
        'order_id': 'bigint?',
        'device_fingerprint': 'text',
        'ip_address': 'text',
        'country': 'code',
        'city': 'code',
        'is_bot': 'boolean',
        'occurred_at': 'timestamptz',
    },
) }}
