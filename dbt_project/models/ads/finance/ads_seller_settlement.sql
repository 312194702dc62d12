-- Grain: one row per order line that was delivered and one per refund of a line: what its seller has coming, what was
-- announced and what was transferred. Amounts are additive within a currency; due_amount = transferred_amount + open_amount.
{% set has_no_cents = "currency in ('" ~ var('currencies_without_cents') | join("', '") ~ "')" %}
with orders as (
    select order_id, {{ day_of('delivered_at') }} as delivered_date
    from {{ current_rows(ref('ods_orders')) }}
    where not is_test
),

lines as (
    select
        order_item_id,
        order_id,
        seller_id,
        quantity,
        currency,
        commission_rate,
        line_amount - seller_discount_amount as gross_amount
    from {{ current_rows(ref('fact_order_items')) }}
),

claims as (
    select
        'sale' as entry_type,
        lines.order_item_id as claimed_id,
        lines.order_item_id as order_item_id,
        lines.order_id as order_id,
        lines.seller_id as seller_id,
        orders.delivered_date as entry_date,
        lines.currency as currency,
        lines.commission_rate as commission_rate,
        1 as sign,
        {{ as_type('lines.gross_amount', 'decimal(18,2)') }} as gross_amount
    from lines
    inner join orders on lines.order_id = orders.order_id
    where orders.delivered_date is not null
    union all
    select
        'refund' as entry_type,
        order_returns.return_id as claimed_id,
        lines.order_item_id as order_item_id,
        lines.order_id as order_id,
        lines.seller_id as seller_id,
        order_returns.refund_date as entry_date,
        lines.currency as currency,
        lines.commission_rate as commission_rate,
        -1 as sign,
        {{ money_per('lines.gross_amount * least(order_returns.quantity, lines.quantity)', 'lines.quantity') }} as gross_amount
    from {{ current_rows(ref('fact_returns')) }} as order_returns
    inner join lines on order_returns.order_item_id = lines.order_item_id
    inner join orders on lines.order_id = orders.order_id
    where order_returns.is_refunded
),

-- Commission is rounded to the smallest unit of the currency, as money is transferred.
expected as (
    select
        *,
        sign * gross_amount as due_gross,
        sign * case
            when {{ has_no_cents }} then 100 * {{ money_times(money_per('gross_amount', 100), 'commission_rate') }}
            else {{ money_times('gross_amount', 'commission_rate') }}
        end as due_commission
    from claims
),

announced as (
    select
        case when payout_lines.line_type = 'sale' then 'sale' else 'refund' end as entry_type,
        case when payout_lines.line_type = 'sale' then payout_lines.order_item_id else payout_lines.return_id end as claimed_id,
        max(payout_lines.order_item_id) as order_item_id,
        max(payout_lines.order_id) as order_id,
        max(payouts.seller_id) as seller_id,
        max(payouts.payout_id) as payout_id,
        max({{ day_of('payouts.period_starts_at') }}) as period_start_date,
        max(payouts.currency) as currency,
        sum(payout_lines.gross_amount) as announced_gross,
        sum(payout_lines.fee_amount) as announced_commission,
        sum(case when payouts.status = 'paid' then payout_lines.net_amount else 0 end) as transferred_amount
    from {{ current_rows(ref('ods_payout_lines')) }} as payout_lines
    inner join {{ current_rows(ref('ods_payouts')) }} as payouts on payout_lines.payout_id = payouts.payout_id
    where payouts.payer_type = 'platform'
    group by
        case when payout_lines.line_type = 'sale' then 'sale' else 'refund' end,
        case when payout_lines.line_type = 'sale' then payout_lines.order_item_id else payout_lines.return_id end
),

compared as (
    select
        coalesce(expected.entry_type, announced.entry_type) as entry_type,
        coalesce(expected.claimed_id, announced.claimed_id) as claimed_id,
        coalesce(expected.seller_id, announced.seller_id) as seller_id,
        coalesce(expected.order_id, announced.order_id) as order_id,
        coalesce(expected.order_item_id, announced.order_item_id) as order_item_id,
        coalesce(expected.entry_date, announced.period_start_date) as entry_date,
        coalesce(expected.currency, announced.currency) as currency,
        announced.payout_id as payout_id,
        expected.claimed_id is not null as is_due,
        coalesce(expected.due_gross, 0) as due_gross,
        coalesce(expected.due_commission, 0) as due_commission,
        coalesce(announced.announced_gross, 0) as announced_gross,
        coalesce(announced.announced_commission, 0) as announced_commission,
        coalesce(announced.transferred_amount, 0) as transferred_amount
    from expected
    full outer join announced on expected.entry_type = announced.entry_type and expected.claimed_id = announced.claimed_id
),

judged as (
    select
        *,
        case
            when not is_due then 'unexpected'
            when payout_id is null and entry_date > {{ days_before(today_of_shop(), var('payout_grace_days')) }} then 'open'
            when payout_id is null then 'missing'
            when announced_gross <> due_gross or announced_commission <> due_commission then 'differs'
            when transferred_amount <> announced_gross - announced_commission then 'announced'
            else 'settled'
        end as status
    from compared
)

select
    {{ assume_not_null("concat(entry_type, ' ', " ~ as_type('claimed_id', 'text') ~ ')', 'text') }} as entry_id,
    seller_id,
    order_id,
    order_item_id,
    {{ as_type('entry_type', 'text') }} as entry_type,
    entry_date,
    payout_id,
    currency,
    {% for amount in ['due_gross', 'due_commission', 'announced_gross', 'announced_commission'] -%}
    {{ as_type(amount, 'decimal(18,2)') }} as {{ amount }},
    {% endfor -%}
    {{ as_type('due_gross - due_commission', 'decimal(18,2)') }} as due_amount,
    {{ as_type('announced_gross - announced_commission', 'decimal(18,2)') }} as announced_amount,
    {{ as_type('transferred_amount', 'decimal(18,2)') }} as transferred_amount,
    {{ as_type('due_gross - due_commission - transferred_amount', 'decimal(18,2)') }} as open_amount,
    {{ as_type('status', 'text') }} as status
from judged
