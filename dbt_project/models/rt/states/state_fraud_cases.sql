-- Grain: one row per decided fraud case, in the minute it was decided in.
{{ config(order_by=['minute', 'fraud_case_id'], partition_by='toYYYYMM(minute)', ttl=minute_ttl(), indexes=['arrived_at minmax']) }}
{{ state_changes(
    source('bronze', 'fraud_cases'),
    key={'fraud_case_id': 'bigint'},
    at=['decided_at'],
    columns={'order_id': 'bigint', 'outcome': 'code', 'decided_at': 'timestamptz?'},
) }}
