-- Grain: one row per category.
{{ config(order_by=['category_id']) }}
{{ state_changes(
    source('bronze', 'categories'),
    key={'category_id': 'bigint'},
    columns={'parent_id': 'bigint?', 'level': 'int', 'category_name': 'text'},
) }}
