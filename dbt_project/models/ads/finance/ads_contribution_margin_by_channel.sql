-- Grain: one row per month and sales channel. Amounts are additive, counts of orders and rates are not over channels.
-- Advertising that no order is attributed to is a channel of its own, not_attributed.
with totals as (
    select
        {{ start_of('month', 'order_date') }} as month_start_date,
        coalesce(channel, 'not_attributed') as channel,
        {{ distinct_count('order_id') }} as order_count,
        {{ as_type('sum(units)', 'bigint') }} as units,
        {% for amount in margin_amounts() -%}
        {{ money_total(amount) }} as {{ amount }},
        {% endfor -%}
        {{ row_count('cost_of_goods is null') }} as line_count_without_cost
    from {{ ref('ads_contribution_margin') }}
    group by {{ start_of('month', 'order_date') }}, coalesce(channel, 'not_attributed')
)

select
    {{ not_null('month_start_date') }} as month_start_date,
    {{ assume_not_null('channel') }} as channel,
    order_count,
    units,
    {% for amount in margin_amounts() -%}
    {{ amount }},
    {% endfor -%}
    {{ ratio('contribution_margin', 'goods_amount') }} as contribution_margin_rate,
    line_count_without_cost
from totals
