-- Grain: one row per day of the shop on which carts were opened. Counts and amounts are additive, the rate is not.
with left_out as (
    select user_id
    from {{ current_rows(ref('ods_users')) }} as users
    where {{ is_left_out('users') }}
),

carts as (
    select cart_id, status, currency, {{ day_of('opened_at') }} as event_date
    from {{ current_rows(ref('ods_carts')) }}
    where user_id is null or user_id not in (select user_id from left_out)
),

contents as (
    select cart_id, {{ as_type('sum(quantity)', 'bigint') }} as quantity, {{ money_total(money_times('unit_price', 'quantity')) }} as amount
    from {{ current_rows(ref('ods_cart_items')) }}
    group by cart_id
),

valued as (
    select
        carts.event_date as event_date,
        carts.status as status,
        contents.quantity as quantity,
        {{ money_times('contents.amount', 'rates.rate') }} as amount
    from carts
    left join contents on carts.cart_id = contents.cart_id
    left join {{ ref('dim_fx_rate') }} as rates on carts.currency = rates.currency and carts.event_date = rates.rate_date
),

daily as (
    select
        event_date,
        {{ row_count() }} as cart_count,
        {{ row_count("status = 'converted'") }} as converted_cart_count,
        {{ row_count("status = 'abandoned'") }} as abandoned_cart_count,
        {{ row_count("status = 'active'") }} as active_cart_count,
        {{ as_type("coalesce(sum(case when status = 'abandoned' then quantity end), 0)", 'bigint') }} as abandoned_units,
        {{ money_total("case when status = 'abandoned' then amount end") }} as abandoned_amount
    from valued
    group by event_date
)

select
    {{ not_null('event_date') }} as event_date,
    cart_count,
    converted_cart_count,
    abandoned_cart_count,
    active_cart_count,
    {{ ratio('abandoned_cart_count', 'converted_cart_count + abandoned_cart_count') }} as abandonment_rate,
    abandoned_units,
    abandoned_amount
from daily
