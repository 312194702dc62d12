-- Grain: one row per review_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['review_id'], order_by=['review_id']) }}
{{ merge_changes(
    source('bronze', 'reviews'),
    key=['review_id'],
    columns={
        'review_id': 'bigint',
        'external_id': 'text',
        'order_id': 'bigint',
        'user_id': 'bigint',
        'product_id': 'bigint',
        'rating': 'int',
        'title': 'text',
        'content': 'text',
        'helpful_count': 'int',
        'reviewed_at': 'timestamptz',
        'answered_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'title',
        'content',
    ],
) }}
