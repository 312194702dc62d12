-- What several recomputations share. Money is in the reporting currency: each line at the rate of its order's day, each
-- payment, refund and chargeback at that of its own, rounded to cents.
create or replace function pg_temp.rate_on(wanted_currency text, day date) returns numeric language sql stable as $$
    select rate from fx_rates where currency = wanted_currency and rate_date <= day order by rate_date desc limit 1
$$;

create or replace temporary view valued_orders as
select
    order_id,
    user_id,
    o.status,
    o.is_test or u.is_test or u.is_bot as is_test,
    ordered_at,
    delivered_at,
    estimated_delivery_at,
    ordered_at::date as order_date,
    not (o.is_test or u.is_test or u.is_bot) and not (o.status = 'cancelled' and paid_at is null) as is_gmv,
    pg_temp.rate_on(currency, ordered_at::date) as rate
from orders o join users u using (user_id);

create or replace temporary view counted_events as
select * from user_events
where not is_bot and not exists (
    select from users u where u.user_id = user_events.user_id and (u.is_test or u.is_bot)
);

create or replace temporary view valued_lines as
select
    items.order_item_id,
    items.order_id,
    items.product_id,
    items.seller_id,
    items.quantity,
    orders.user_id,
    orders.status,
    orders.is_test,
    orders.is_gmv,
    orders.order_date,
    orders.delivered_at is not null as is_delivered,
    orders.delivered_at > orders.estimated_delivery_at as is_late,
    extract(epoch from orders.delivered_at - orders.ordered_at)::numeric as fulfillment_seconds,
    round(items.unit_price * items.quantity * orders.rate, 2) as gmv,
    round((items.unit_price * items.quantity - items.discount_amount) * orders.rate, 2) as net_amount,
    round(((items.unit_price - items.unit_cost) * items.quantity - items.discount_amount) * orders.rate, 2) as gross_margin,
    case when orders.status = 'cancelled' or not orders.is_gmv then 0 else
        round(items.unit_price * (items.quantity - returned.quantity) * orders.rate, 2)
    end as net_gmv,
    case when orders.status = 'cancelled' or not orders.is_gmv then 0 else round(
        round(
            round((
                items.unit_price * items.quantity - case when coalesce(vouchers.is_seller_funded, false)
                    then items.discount_amount - case when vouchers.is_for_shipping then items.shipping_amount else 0 end
                    else 0 end
            ) * (items.quantity - returned.quantity) / items.quantity, 2) * coalesce(contracts.commission_rate, settings.standard_commission_rate), 2
        ) * orders.rate, 2
    ) end as commission
from order_items items
    join valued_orders orders using (order_id)
    left join lateral (
        select least(items.quantity, coalesce(sum(case when r.order_item_id is null then items.quantity else r.quantity end), 0)) as quantity
        from order_returns r
        where r.order_id = items.order_id and r.status = 'refunded' and coalesce(r.order_item_id, items.order_item_id) = items.order_item_id
    ) returned on true
    left join lateral (
        select bool_or(funded_by = 'seller') as is_seller_funded, bool_or(voucher_type = 'free_shipping') as is_for_shipping
        from voucher_redemptions join vouchers using (voucher_id)
        where voucher_redemptions.order_id = items.order_id
    ) vouchers on true
    left join lateral (
        -- A seller without a history has had its present contract for ever.
        select commission_rate from (
            select valid_from, commission_rate from seller_contract_history h where h.seller_id = items.seller_id
            union all
            select '-infinity', commission_rate from sellers s
            where s.seller_id = items.seller_id
                and not exists (select from seller_contract_history h where h.seller_id = items.seller_id)
        ) known
        order by valid_from > orders.ordered_at, abs(extract(epoch from orders.ordered_at - valid_from)) limit 1
    ) contracts on true
    cross join settings;

create or replace temporary view lines_per_order as
select order_id, sum(gmv) as gmv, sum(net_gmv) as net_gmv, sum(quantity) as item_count from valued_lines group by order_id;

create or replace temporary view category_paths as
with recursive paths as (
    select category_id, category_name as department, null::text as category, null::text as subcategory
    from categories
    where parent_id is null
    union all
    select
        child.category_id, paths.department, coalesce(paths.category, child.category_name),
        case when paths.category is not null then child.category_name end
    from categories child join paths on child.parent_id = paths.category_id
)
select category_id, department, category, subcategory from paths;

create or replace temporary view profiles as
select
    user_id,
    (array_agg(state order by customer_id desc))[1] as state,
    (array['bronze', 'silver', 'gold', 'platinum'])[
        max(array_position(array['bronze', 'silver', 'gold', 'platinum'], tier))
    ] as tier
from customers
group by user_id;

create or replace temporary view reporting as
select (select max(reporting_currency) from fx_rates) as currency;
