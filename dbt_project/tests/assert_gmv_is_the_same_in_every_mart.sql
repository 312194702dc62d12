-- GMV is one figure by order, day, product, seller, buyer and category.
with totals as (
    select 'fact_orders' as mart, coalesce(sum(gmv_amount_reporting), 0) as gmv from {{ current_rows(ref('fact_orders')) }}
    union all
    select 'ads_daily_gmv' as mart, coalesce(sum(gmv), 0) as gmv from {{ ref('ads_daily_gmv') }}
    union all
    select 'ads_product_performance' as mart, coalesce(sum(gmv), 0) as gmv from {{ ref('ads_product_performance') }}
    union all
    select 'ads_seller_scorecard' as mart, coalesce(sum(gmv), 0) as gmv from {{ ref('ads_seller_scorecard') }}
    union all
    select 'ads_customer_rfm' as mart, coalesce(sum(gmv), 0) as gmv from {{ ref('ads_customer_rfm') }}
    union all
    select 'ads_category_trends' as mart, coalesce(sum(gmv), 0) as gmv from {{ ref('ads_category_trends') }}
)

select mart, gmv
from totals
where gmv <> (select gmv from totals where mart = 'fact_orders')
