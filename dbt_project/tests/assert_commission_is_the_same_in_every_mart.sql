-- Commission is one figure by order, order line and seller; orders that do not count towards GMV have none.
with totals as (
    select 'fact_orders' as mart, coalesce(sum(commission_reporting), 0) as commission
    from {{ current_rows(ref('fact_orders')) }}
    union all
    select 'fact_order_items' as mart, coalesce(sum(commission_reporting), 0) as commission
    from {{ current_rows(ref('fact_order_items')) }}
    where is_gmv
    union all
    select 'ads_seller_scorecard' as mart, coalesce(sum(commission), 0) as commission
    from {{ ref('ads_seller_scorecard') }}
)

select mart, commission
from totals
where commission <> (select commission from totals where mart = 'fact_order_items')
