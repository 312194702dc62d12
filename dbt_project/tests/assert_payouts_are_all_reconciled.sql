-- What was transferred is, by payer, what the payouts of the source say: no line is lost or counted twice.
with transferred as (
    select
        case when payer_type = 'platform' then 'ads_seller_settlement' else 'ads_payment_reconciliation' end as mart,
        currency,
        sum(net_amount) as amount
    from {{ current_rows(ref('ods_payouts')) }}
    where status = 'paid'
    group by case when payer_type = 'platform' then 'ads_seller_settlement' else 'ads_payment_reconciliation' end, currency
),

reconciled as (
    select 'ads_seller_settlement' as mart, currency, sum(transferred_amount) as amount
    from {{ ref('ads_seller_settlement') }}
    group by currency
    union all
    select 'ads_payment_reconciliation' as mart, currency, sum(transferred_amount) as amount
    from {{ ref('ads_payment_reconciliation') }}
    group by currency
)

select transferred.mart as mart, transferred.currency as currency, transferred.amount as amount, reconciled.amount as reconciled_amount
from transferred
left join reconciled on transferred.mart = reconciled.mart and transferred.currency = reconciled.currency
where coalesce(reconciled.amount, 0) <> transferred.amount
