-- Revenue is one figure, by order and by day; test orders are in the facts, not in the mart.
with totals as (
    select
        (select coalesce(sum(total_revenue), 0) from {{ ref('ads_revenue_daily') }}) as by_day,
        (
            select coalesce(sum(revenue_amount_reporting), 0)
            from {{ current_rows(ref('fact_orders')) }}
            where not is_test
        ) as by_order
)

select by_day, by_order
from totals
where by_day <> by_order
