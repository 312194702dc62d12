-- Each attribution model credits each order once and with its whole GMV: a day's credits are its orders, those of first
-- orders its new buyers, and its credited GMV is that of the day, to the cent.
with models as (
    {% for model in attribution_weights() -%}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

orders as (
    select
        order_date,
        gmv_amount_reporting as gmv,
        case when row_number() over (partition by user_id order by ordered_at, order_id) = 1 then 1 else 0 end as new_buyer
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

daily as (
    select order_date, count(*) as order_count, sum(new_buyer) as new_buyer_count, {{ money_total('gmv') }} as gmv
    from orders
    group by order_date
),

credited as (
    select
        attribution_model,
        event_date,
        sum(order_credit) as order_credit,
        sum(new_buyer_credit) as new_buyer_credit,
        {{ money_total('gmv') }} as gmv
    from {{ ref('ads_attribution') }}
    group by attribution_model, event_date
),

wanted as (
    select
        models.model as model,
        daily.order_date as order_date,
        daily.order_count as order_count,
        daily.new_buyer_count as new_buyer_count,
        daily.gmv as gmv
    from daily
    cross join models
)

select
    coalesce(wanted.model, credited.attribution_model) as attribution_model,
    coalesce(wanted.order_date, credited.event_date) as event_date,
    wanted.order_count as order_count,
    credited.order_credit as order_credit,
    wanted.new_buyer_count as new_buyer_count,
    credited.new_buyer_credit as new_buyer_credit,
    wanted.gmv as gmv,
    credited.gmv as credited_gmv
from wanted
full outer join credited on wanted.model = credited.attribution_model and wanted.order_date = credited.event_date
where
    coalesce(wanted.order_count, 0) <> coalesce(credited.order_credit, 0)
    or coalesce(wanted.new_buyer_count, 0) <> coalesce(credited.new_buyer_credit, 0)
    or coalesce(wanted.gmv, 0) <> coalesce(credited.gmv, 0)
