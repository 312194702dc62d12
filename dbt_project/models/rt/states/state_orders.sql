-- Grain: one row per order, in the minute it was placed in.
{{ config(
    order_by=['minute', 'order_id'],
    partition_by='toYYYYMM(minute)',
    ttl=minute_ttl(),
    indexes=['arrived_at minmax', 'order_id minmax', 'status set(8)'],
) }}
{{ state_changes(
    source('bronze', 'orders'),
    key={'order_id': 'bigint'},
    at=['ordered_at'],
    columns={
        'user_id': 'bigint',
        'channel': 'code',
        'ship_to_city': 'code',
        'status': 'code',
        'currency': 'code',
        'discount_amount': 'decimal(18,2)',
        'device_fingerprint': 'text',
        'ip_address': 'text',
        'subtotal_amount': 'decimal(18,2)',
        'total_amount': 'decimal(18,2)',
        'is_test': 'boolean',
        'ordered_at': 'timestamptz',
        'paid_at': 'timestamptz?',
    },
) }}
