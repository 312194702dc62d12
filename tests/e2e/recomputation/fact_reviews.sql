select
    review_id,
    order_id,
    r.user_id,
    product_id,
    o.is_test,
    rating,
    coalesce(content, '') <> '' as has_text,
    helpful_count,
    reviewed_at at time zone 'UTC' as reviewed_at,
    reviewed_at::date as review_date,
    (extract(epoch from reviewed_at - o.delivered_at) * 1000000)::bigint::float8 / 86400000000 as days_after_delivery,
    answered_at at time zone 'UTC' as answered_at,
    (extract(epoch from answered_at - reviewed_at) * 1000000)::bigint::float8 / 86400000000 as answer_days
from reviews r join valued_orders o using (order_id)
