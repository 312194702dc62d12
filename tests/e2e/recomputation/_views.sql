-- What several recomputations share: views, and tables where computing it takes long. Money is in the reporting currency: each
-- line at the rate of its order's day, each payment, refund and chargeback at that of its own, rounded to cents.
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

drop table if exists valued_lines cascade;
create temporary table valued_lines as
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
    returned.quantity as returned_quantity,
    case when coalesce(vouchers.is_seller_funded, false)
        then items.discount_amount - case when vouchers.is_for_shipping then items.shipping_amount else 0 end
        else 0
    end as seller_discount,
    case when orders.status = 'cancelled' or not orders.is_gmv then 0 else round(
        round(
            round((
                items.unit_price * items.quantity - case when coalesce(vouchers.is_seller_funded, false)
                    then items.discount_amount - case when vouchers.is_for_shipping then items.shipping_amount else 0 end
                    else 0 end
            ) * (items.quantity - returned.quantity) / items.quantity, 2) * coalesce(contracts.commission_rate, settings.standard_commission_rate), 2
        ) * orders.rate, 2
    ) end as commission,
    coalesce(contracts.commission_rate, settings.standard_commission_rate) as commission_rate
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

-- What a row gets of an amount shared by weights, rounded so that the parts of all rows add up.
create or replace function pg_temp.share(amount numeric, weight numeric, weight_to_here numeric, total numeric)
returns numeric language sql immutable as $$
    select round(amount * weight_to_here / total, 2) - round(amount * (weight_to_here - weight) / total, 2)
$$;

-- A quantile as the warehouse interpolates it; percentile_cont differs in the last bit, but for the median.
create or replace function pg_temp.quantile(sorted float8[], fraction float8) returns float8 language sql immutable as $$
    select sorted[floor(place)] + (place - floor(place)) * (sorted[least(floor(place) + 1, cardinality(sorted))] - sorted[floor(place)])
    from (select fraction * (cardinality(sorted) - 1) + 1 as place) places
$$;

create or replace temporary view order_costs as
select
    order_id,
    (
        select coalesce(sum(round(p.fee_amount * pg_temp.rate_on(p.currency, coalesce(p.captured_at, p.attempted_at)::date), 2)), 0)
        from payments p where p.order_id = o.order_id and p.status in ('captured', 'charged_back')
    ) as payment_fee,
    (
        select coalesce(round(sum(l.fee_amount) * o.rate, 2), 0)
        from payout_lines l join payouts using (payout_id)
        where l.order_id = o.order_id and payouts.payer_type = 'marketplace'
    ) as marketplace_fee,
    (
        select coalesce(sum(round(s.cost_amount * pg_temp.rate_on(s.currency, o.order_date), 2)), 0)
        from shipments s where s.order_id = o.order_id
    ) as shipping_cost
from valued_orders o
where is_gmv;

create or replace temporary view stock_costs as
select
    order_item_id,
    min(currency) as currency,
    coalesce(-sum(quantity_change) filter (where movement_type = 'sale'), 0) as sold_quantity,
    bool_or(unit_cost is null) as is_unknown,
    -sum(round(unit_cost * quantity_change, 2)) as cost
from inventory_log
where order_item_id is not null
group by order_item_id;

drop table if exists margin_lines cascade;
create temporary table margin_lines as
with lines as (
    select
        v.order_item_id, v.order_id, v.order_date, o.channel, o.campaign_id, v.user_id, v.seller_id, v.product_id, i.sku_id,
        date_trunc('month', v.order_date)::date as month,
        case when o.status = 'cancelled' then 0 else i.quantity - v.returned_quantity end as units,
        i.quantity, i.unit_cost, vo.rate,
        v.net_gmv, v.commission, v.seller_discount,
        case when o.status = 'cancelled' then 0 else i.shipping_amount end as shipping,
        case when exists (
            select from voucher_redemptions join vouchers using (voucher_id)
            where voucher_redemptions.order_id = v.order_id and voucher_type = 'free_shipping'
        ) then least(i.shipping_amount, i.discount_amount) else 0 end as shipping_discount,
        i.discount_amount,
        greatest(v.gmv, 0.01) as weight
    from valued_lines v
        join order_items i using (order_item_id)
        join orders o on o.order_id = v.order_id
        join valued_orders vo on vo.order_id = v.order_id
    where v.is_gmv
),
weighted as (
    select
        *,
        sum(weight) over (partition by order_id order by order_item_id) as order_weight_to_here,
        sum(weight) over (partition by order_id) as order_weight,
        sum(weight) over (partition by campaign_id, month order by order_item_id) as campaign_weight_to_here,
        sum(weight) over (partition by campaign_id, month) as campaign_weight
    from lines
),
spend as (
    select
        campaign_id,
        date_trunc('month', spend_date)::date as month,
        sum(round(spend_amount * pg_temp.rate_on(currency, spend_date), 2)) as ad_spend
    from campaign_spend
    group by 1, 2
),
valued as (
    select
        w.*,
        round(round(w.seller_discount * w.units / w.quantity, 2) * w.rate, 2) as seller_part,
        round((
            round((w.discount_amount - w.seller_discount - w.shipping_discount) * w.units / w.quantity, 2)
            + case when w.shipping > 0 then w.shipping_discount else 0 end
        ) * w.rate, 2) as platform_part,
        case
            when s.sold_quantity >= w.quantity and not s.is_unknown then 'stock_ledger'
            when w.unit_cost is not null then 'order_line'
            else 'unknown'
        end as cost_source,
        case
            when s.sold_quantity >= w.quantity and not s.is_unknown then round(s.cost * pg_temp.rate_on(s.currency, w.order_date), 2)
            else round(w.unit_cost * w.units * w.rate, 2)
        end as cost_of_goods,
        pg_temp.share(c.payment_fee, w.weight, w.order_weight_to_here, w.order_weight) as payment_fee,
        pg_temp.share(c.marketplace_fee, w.weight, w.order_weight_to_here, w.order_weight) as marketplace_fee,
        pg_temp.share(c.shipping_cost, w.weight, w.order_weight_to_here, w.order_weight) as shipping_cost,
        coalesce(pg_temp.share(spend.ad_spend, w.weight, w.campaign_weight_to_here, w.campaign_weight), 0) as ad_spend
    from weighted w
        join order_costs c using (order_id)
        left join stock_costs s using (order_item_id)
        left join spend on spend.campaign_id = w.campaign_id and spend.month = w.month
)
select
    'line ' || order_item_id as margin_line_id, order_item_id, order_id, order_date, channel, campaign_id, user_id, seller_id,
    product_id, sku_id, units, net_gmv as goods_amount, seller_part as seller_discount, platform_part as platform_discount,
    commission, cost_of_goods, round(shipping * rate, 2) as shipping_income, shipping_cost, payment_fee, marketplace_fee, ad_spend,
    net_gmv - seller_part - commission - cost_of_goods as seller_margin,
    commission - platform_part + round(shipping * rate, 2) - shipping_cost - payment_fee - marketplace_fee - ad_spend as platform_margin,
    cost_source
from valued
union all
select
    'campaign ' || campaign_id || ' ' || month, null, null, month, null, campaign_id, null, null, null, null,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ad_spend, 0, -ad_spend, null
from spend
where not exists (select from lines where lines.campaign_id = spend.campaign_id and lines.month = spend.month);

drop table if exists visits cascade;
create temporary table visits as
with owners as (
    select session_id, coalesce(min(user_id)::text, min(device_fingerprint collate "C"), session_id) as visitor_id
    from user_events
    group by session_id
),
starts as (
    select
        e.*,
        visitor_id,
        occurred_at - lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) <= interval '30 minutes'
        is not true as is_start
    from user_events e join owners using (session_id)
),
numbered as (
    select *, count(*) filter (where is_start) over (partition by visitor_id order by occurred_at, event_id) as visit
    from starts
),
visits as (
    select
        visitor_id,
        (array_agg(event_id order by occurred_at, event_id))[1] as visit_id,
        min(user_id) as user_id,
        bool_or(is_bot) as is_bot,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        count(*) filter (where event_type = 'product_view') as product_view_count,
        count(*) filter (where event_type = 'add_to_cart') as add_to_cart_count,
        count(*) filter (where event_type = 'checkout_start') as checkout_count,
        count(distinct order_id) filter (where event_type = 'purchase') as order_count,
        bool_or(event_type = 'purchase') as is_converted
    from numbered
    group by visitor_id, visit
)
select
    visit_id,
    visitor_id,
    first.session_id as session_id,
    visits.user_id,
    visits.is_bot,
    first.platform,
    first.device,
    first.country,
    first.city,
    first.page_path as landing_page,
    first.referrer,
    first.campaign_id,
    case
        when campaign_type in ('search', 'social') then 'paid_' || campaign_type
        when campaign_type is not null then campaign_type
        when first.referrer is null then 'direct'
        when first.referrer ~ '^https?://www\.(google|bing)\.' then 'organic_search'
        when first.referrer ~ '^https?://www\.(facebook|tiktok)\.' then 'organic_social'
        else 'referral'
    end as traffic_channel,
    started_at at time zone 'UTC' as started_at,
    ended_at at time zone 'UTC' as ended_at,
    started_at::date as session_date,
    extract(hour from started_at)::int as session_hour,
    trunc(extract(epoch from ended_at - started_at) * 1000)::bigint as duration_ms,
    event_count,
    product_view_count,
    add_to_cart_count,
    checkout_count,
    order_count,
    event_count = 1 as is_bounce,
    is_converted,
    add_to_cart_count > 0 and not is_converted as is_abandoned
from visits
    join user_events first on first.event_id = visits.visit_id
    left join campaigns on campaigns.campaign_id = first.campaign_id;

create or replace temporary view rfm as
with purchases as (
    select user_id, order_date, gmv, order_date between today - 364 and today as is_recent
    from valued_orders left join lines_per_order using (order_id) cross join settings
    where is_gmv
),
buyers as (
    select
        user_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as order_count,
        coalesce(sum(gmv), 0) as gmv,
        max(order_date) filter (where is_recent) as last_recent_date,
        count(*) filter (where is_recent) as recent_order_count,
        coalesce(sum(gmv) filter (where is_recent), 0) as recent_gmv
    from purchases
    group by user_id
),
ranked as (
    select
        user_id,
        5 - 5 * (rank() over (order by last_recent_date desc) - 1) / count(*) over () as recency_score,
        case when recent_order_count >= 6 then 5 when recent_order_count >= 4 then 4 else recent_order_count end
        as frequency_score,
        5 - 5 * (rank() over (order by recent_gmv desc) - 1) / count(*) over () as monetary_score
    from buyers
    where recent_order_count > 0
),
scored as (
    select
        buyers.*,
        coalesce(recency_score, 1) as recency_score,
        coalesce(frequency_score, 1) as frequency_score,
        coalesce(monetary_score, 1) as monetary_score,
        (coalesce(frequency_score, 1) + coalesce(monetary_score, 1) + 1) / 2 as value_score
    from buyers left join ranked using (user_id)
)
select
    user_id,
    users.country,
    profiles.state,
    profiles.tier,
    first_order_date,
    last_order_date,
    settings.today - last_order_date as recency_days,
    order_count,
    gmv,
    round(gmv / order_count, 2) as avg_order_value,
    recent_order_count,
    recent_gmv,
    scored.recency_score,
    frequency_score,
    monetary_score,
    scored.value_score,
    rfm_segments.segment as rfm_segment
from scored
    cross join settings
    join users using (user_id)
    left join profiles using (user_id)
    left join rfm_segments using (recency_score, value_score);
