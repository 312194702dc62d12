-- Grain: one row per shipment_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['shipment_id'], order_by=['shipment_id']) }}
{{ merge_changes(
    source('bronze', 'shipments'),
    key=['shipment_id'],
    columns={
        'shipment_id': 'bigint',
        'external_id': 'text',
        'order_id': 'bigint',
        'warehouse_id': 'bigint',
        'tracking_no': 'text',
        'carrier': 'text',
        'status': 'text',
        'currency': 'text',
        'cost_amount': 'decimal(18,2)',
        'shipped_at': 'timestamptz',
        'estimated_delivery_at': 'timestamptz',
        'delivered_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'tracking_no',
        'carrier',
        'currency',
    ],
) }}
