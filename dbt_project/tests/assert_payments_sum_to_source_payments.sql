-- No payment of a known order is lost or counted twice on the way from the source to the fact; payments whose order
-- has not arrived are the concern of ods_payments_references_exist.
with source_payments as (
    select currency, count(*) as payment_count, sum(amount) as amount
    from {{ live(ref('ods_payments')) }}
    where order_id in (select order_id from {{ live(ref('ods_orders')) }})
    group by currency
),

fact_payments as (
    select currency, count(*) as payment_count, sum(amount) as amount
    from {{ live(ref('fact_payments')) }}
    group by currency
)

select
    source_payments.currency as currency,
    source_payments.amount as source_amount,
    fact_payments.amount as fact_amount
from source_payments
full outer join fact_payments on source_payments.currency = fact_payments.currency
where
    coalesce(source_payments.amount, 0) <> coalesce(fact_payments.amount, 0)
    or coalesce(source_payments.payment_count, 0) <> coalesce(fact_payments.payment_count, 0)
