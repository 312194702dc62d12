-- Grain: one row per day of the shop and platform with visits. Counts of visits are additive, rates are not.
with left_out as (
    select user_id
    from {{ current_rows(ref('ods_users')) }} as users
    where {{ is_left_out('users') }}
),

daily as (
    select
        session_date as event_date,
        coalesce(platform, 'unknown') as platform,
        {{ row_count() }} as visit_count,
        {{ row_count('product_view_count > 0') }} as view_visit_count,
        {{ row_count('add_to_cart_count > 0') }} as cart_visit_count,
        {{ row_count('checkout_count > 0') }} as checkout_visit_count,
        {{ row_count('is_converted') }} as purchase_visit_count
    from {{ current_rows(ref('fact_sessions')) }}
    where not is_bot and (user_id is null or user_id not in (select user_id from left_out))
    group by session_date, coalesce(platform, 'unknown')
)

select
    {{ not_null('event_date') }} as event_date,
    {{ assume_not_null('platform', 'text') }} as platform,
    visit_count,
    view_visit_count,
    cart_visit_count,
    checkout_visit_count,
    purchase_visit_count,
    {{ ratio('view_visit_count', 'visit_count') }} as view_rate,
    {{ ratio('cart_visit_count', 'visit_count') }} as cart_rate,
    {{ ratio('checkout_visit_count', 'visit_count') }} as checkout_rate,
    {{ ratio('purchase_visit_count', 'visit_count') }} as purchase_rate
from daily
