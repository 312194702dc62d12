{#- No row of a known order is lost or counted twice between the source and a fact: as many rows, and the same amount in
    each currency. Excluded rows are left out; the source's valid_references
    reports rows whose order has not arrived. -#}

{% test amounts_of_source(model, source, row_id, amount) %}
with source_totals as (
    select currency, count(*) as row_count, sum({{ amount }}) as amount
    from {{ included_rows(source, row_id) }} as included
    where order_id in (select order_id from {{ current_rows(ref('ods_orders')) }})
    group by currency
),

fact_totals as (
    select currency, count(*) as row_count, sum({{ amount }}) as amount
    from {{ rows_of(model) }}
    group by currency
)

select
    coalesce(source_totals.currency, fact_totals.currency) as currency,
    source_totals.amount as source_amount,
    fact_totals.amount as fact_amount
from source_totals
full outer join fact_totals on source_totals.currency = fact_totals.currency
where
    coalesce(source_totals.amount, 0) <> coalesce(fact_totals.amount, 0)
    or coalesce(source_totals.row_count, 0) <> coalesce(fact_totals.row_count, 0)
{% endtest %}
