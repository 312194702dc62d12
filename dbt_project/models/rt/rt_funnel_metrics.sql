-- Grain: one row per 5 minutes and platform with an event. Counts are additive, rates are not.
with events as (
    select {{ window_of('minute', 5) }} as window_start, platform, event_type
    from {{ state('state_user_events') }}
    where not is_bot and not {{ is_of_left_out_account('user_id') }}
),

windows as (
    select
        window_start,
        cast(platform as String) as platform,
        {{ not_null(row_count("event_type = 'product_view'"), 'bigint') }} as views,
        {{ not_null(row_count("event_type = 'add_to_cart'"), 'bigint') }} as carts,
        {{ not_null(row_count("event_type = 'purchase'"), 'bigint') }} as purchases
    from events
    group by window_start, platform
)

select
    window_start,
    platform,
    views,
    carts,
    purchases,
    {{ ratio('carts', 'views') }} as view_to_cart_rate,
    {{ ratio('purchases', 'carts') }} as cart_to_purchase_rate,
    {{ ratio('purchases', 'views') }} as view_to_purchase_rate
from windows
