-- Grain: one row per device_fingerprint. Written by `tradewind feeds models` from connectors/feeds/catalog.py; change that instead.
{{ config(unique_key=['device_fingerprint'], order_by=['device_fingerprint']) }}
{{ merge_changes(
    source('feeds', 'device_reputation'),
    key=['device_fingerprint'],
    columns={
        'device_fingerprint': 'text',
        'device_kind': 'text',
        'is_emulator': 'boolean',
        'is_automated': 'boolean',
        'previous_incident_count': 'int',
        'risk_score': 'decimal(5,4)',
        'looked_up_at': 'timestamptz',
    },
) }}
