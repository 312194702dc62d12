-- Grain: one row per ip_address. Written by `tradewind feeds models` from connectors/feeds/catalog.py; change that instead.
{{ config(unique_key=['ip_address'], order_by=['ip_address']) }}
{{ merge_changes(
    source('feeds', 'ip_reputation'),
    key=['ip_address'],
    columns={
        'ip_address': 'text',
        'country': 'text',
        'network_kind': 'text',
        'is_vpn': 'boolean',
        'is_tor': 'boolean',
        'previous_incident_count': 'int',
        'risk_score': 'decimal(5,4)',
        'looked_up_at': 'timestamptz',
    },
) }}
