-- Grain: one row per review, without its text. Counts are additive, ratings and durations are not.
{{ config(unique_key=['order_id', 'review_id'], order_by=['order_id', 'review_id']) }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_reviews'), 'order_id', row_id='review_id'),
    keys_in(ref('ods_orders'), 'order_id'),
    keys_in(ref('int_orders'), 'order_id'),
]) }}
reviews as (
    select *
    from {{ current_rows(ref('ods_reviews')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

orders as (
    select order_id, delivered_at
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

known_orders as (
    select order_id, is_test
    from {{ current_rows(ref('int_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

review_rows as (
    select
        {{ not_null('reviews.review_id') }} as review_id,
        {{ not_null('reviews.order_id') }} as order_id,
        reviews.user_id as user_id,
        reviews.product_id as product_id,
        known_orders.is_test as is_test,
        reviews.rating as rating,
        {{ as_type("coalesce(reviews.content, '') <> ''", 'boolean') }} as has_text,
        reviews.helpful_count as helpful_count,
        reviews.reviewed_at as reviewed_at,
        {{ day_of('reviews.reviewed_at') }} as review_date,
        {{ elapsed_days('orders.delivered_at', 'reviews.reviewed_at') }} as days_after_delivery,
        reviews.answered_at as answered_at,
        {{ elapsed_days('reviews.reviewed_at', 'reviews.answered_at') }} as answer_days
    from reviews
    inner join orders on reviews.order_id = orders.order_id
    inner join known_orders on reviews.order_id = known_orders.order_id
)

{{ versions_of('review_rows', changed='changed_orders', key='order_id') }}
