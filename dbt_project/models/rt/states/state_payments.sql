-- Grain: one row per payment or attempt to pay, in the minute of its capture, or of the attempt before that.
{{ config(order_by=['minute', 'payment_id'], partition_by='toYYYYMM(minute)', ttl=minute_ttl(), indexes=['arrived_at minmax', 'order_id minmax']) }}
{{ state_changes(
    source('bronze', 'payments'),
    key={'payment_id': 'bigint'},
    at=['captured_at', 'attempted_at'],
    columns={
        'order_id': 'bigint',
        'sequence_number': 'int',
        'status': 'code',
        'currency': 'code',
        'amount': 'decimal(18,2)',
        'card_fingerprint': 'text',
        'card_country': 'code',
        'attempted_at': 'timestamptz?',
    },
) }}
