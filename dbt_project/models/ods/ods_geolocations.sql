-- Grain: one row per geolocation_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['geolocation_id'], order_by=['geolocation_id']) }}
{{ merge_changes(
    source('bronze', 'geolocations'),
    key=['geolocation_id'],
    columns={
        'geolocation_id': 'bigint',
        'external_id': 'text',
        'country': 'text',
        'postal_code': 'text',
        'latitude': 'decimal(12,9)',
        'longitude': 'decimal(12,9)',
        'city': 'text',
        'state': 'text',
        'created_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'country',
        'postal_code',
        'city',
        'state',
    ],
) }}
