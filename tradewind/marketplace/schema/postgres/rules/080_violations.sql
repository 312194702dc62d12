-- All rules at once, over all rows: what a bulk load is checked with, and an oracle for tests.

create or replace function rules.violations() returns table (rule text, key text, detail text)
language sql stable as $$
    select 'orders_equal_their_items', found.order_id::text, found.detail
    from rules.order_total_differences() as found

    union all

    select 'order_returns_within_payments', found.order_id::text, found.detail
    from rules.refund_differences() as found

    union all

    select
        'orders_status_follows_life_cycle', step.order_id::text,
        format('step %s goes from %s to %s', step.step_number, step.from_status, step.to_status)
    from (
        select
            order_status_history.*,
            lag(to_status) over (partition by order_id order by step_number) as left_status,
            row_number() over (partition by order_id order by step_number) as position
        from order_status_history
    ) as step
    where step.position <> step.step_number
        or step.from_status is distinct from step.left_status
        or (step.step_number = 1 and step.to_status <> 'pending')
        or (
            step.step_number > 1 and not exists (
                select from rules.order_transitions as allowed
                where allowed.from_status = step.from_status and allowed.to_status = step.to_status
            )
        )

    union all

    select
        'order_status_history_ends_in_status', orders.order_id::text,
        format('order is %s, its history ends in %s', orders.status, last_step.to_status)
    from orders
    left join (
        select distinct on (order_id) order_id, to_status
        from order_status_history
        order by order_id, step_number desc
    ) as last_step on orders.order_id = last_step.order_id
    where last_step.to_status is distinct from orders.status

    union all

    select
        'payments_currency_is_the_orders', payments.payment_id::text,
        format('payment in %s, order in %s', payments.currency, orders.currency)
    from payments
    inner join orders on payments.order_id = orders.order_id
    where payments.currency <> orders.currency

    union all

    select
        'order_returns_currency_is_the_orders', order_returns.return_id::text,
        format('return in %s, order in %s', order_returns.currency, orders.currency)
    from order_returns
    inner join orders on order_returns.order_id = orders.order_id
    where order_returns.currency <> orders.currency

    union all

    select
        'order_items_sku_of_product', order_items.order_item_id::text,
        format('SKU %s is not a variant of product %s', order_items.sku_id, order_items.product_id)
    from order_items
    inner join product_skus on order_items.sku_id = product_skus.sku_id
    where order_items.product_id <> product_skus.product_id

    union all

    select 'fx_rates_one_reporting_currency', string_agg(distinct reporting_currency, ', '), 'several reporting currencies'
    from fx_rates
    having count(distinct reporting_currency) > 1

    union all

    select
        'inventory_quantity_follows_ledger', format('%s/%s', inventory.sku_id, inventory.warehouse_id),
        format('quantity %s, ledger %s', inventory.quantity, coalesce(ledger.pieces, 0))
    from inventory
    full join (
        select sku_id, warehouse_id, sum(quantity_change) as pieces
        from inventory_log
        group by sku_id, warehouse_id
    ) as ledger on inventory.sku_id = ledger.sku_id and inventory.warehouse_id = ledger.warehouse_id
    where coalesce(inventory.quantity, -1) <> coalesce(ledger.pieces, 0)

    union all

    select 'inventory_log_lot_not_overdrawn', lot_id::text, format('lot lacks %s pieces', -sum(quantity_change))
    from inventory_log
    group by lot_id
    having sum(quantity_change) < 0

    union all

    select
        'product_skus_stock_follows_ledger', product_skus.sku_id::text,
        format('stock %s, ledger %s', product_skus.stock, coalesce(ledger.pieces, 0))
    from product_skus
    left join (
        select sku_id, sum(quantity_change) as pieces from inventory_log group by sku_id
    ) as ledger on product_skus.sku_id = ledger.sku_id
    where product_skus.stock <> coalesce(ledger.pieces, 0)

    union all

    select
        'vouchers_used_count_follows_redemptions', vouchers.voucher_id::text,
        format('used_count %s, redemptions %s', vouchers.used_count, coalesce(uses.times, 0))
    from vouchers
    left join (
        select voucher_id, count(*) as times from voucher_redemptions where released_at is null group by voucher_id
    ) as uses on vouchers.voucher_id = uses.voucher_id
    where vouchers.used_count <> coalesce(uses.times, 0)

    union all

    select
        'vouchers_used_within_user_limit', format('%s/%s', redeemed.voucher_id, redeemed.user_id),
        format('used %s times, limit %s', count(*), max(vouchers.per_user_limit))
    from voucher_redemptions as redeemed
    inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
    where redeemed.released_at is null
    group by redeemed.voucher_id, redeemed.user_id
    having count(*) > max(vouchers.per_user_limit)

    union all

    select
        'voucher_redemptions_fit_order', redeemed.redemption_id::text,
        'user, currency, time or subtotal does not fit the voucher and the order'
    from voucher_redemptions as redeemed
    inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
    inner join orders on redeemed.order_id = orders.order_id
    where redeemed.user_id <> orders.user_id
        or redeemed.currency <> orders.currency
        or redeemed.currency <> vouchers.currency
        or redeemed.redeemed_at < vouchers.starts_at
        or redeemed.redeemed_at >= vouchers.ends_at
        or orders.subtotal_amount < vouchers.min_order_amount
        or (orders.status = 'cancelled' and redeemed.released_at is null)

    union all

    select
        'flash_sales_sold_count_follows_items', flash_sales.flash_sale_id::text,
        format('sold_count %s, items %s', flash_sales.sold_count, coalesce(sold.pieces, 0))
    from flash_sales
    left join (
        select order_items.flash_sale_id, sum(order_items.quantity) as pieces
        from order_items
        inner join orders on order_items.order_id = orders.order_id
        where orders.status <> 'cancelled'
        group by order_items.flash_sale_id
    ) as sold on flash_sales.flash_sale_id = sold.flash_sale_id
    where flash_sales.sold_count <> coalesce(sold.pieces, 0)

    union all

    select
        'order_items_fit_flash_sale', order_items.order_item_id::text,
        format('flash sale %s does not sell the SKU at that time', order_items.flash_sale_id)
    from order_items
    inner join flash_sales on order_items.flash_sale_id = flash_sales.flash_sale_id
    inner join orders on order_items.order_id = orders.order_id
    where order_items.sku_id <> flash_sales.sku_id
        or orders.ordered_at < flash_sales.starts_at
        or orders.ordered_at >= flash_sales.ends_at

    union all

    select
        'customers_spend_follows_orders', customers.customer_id::text,
        format('lifetime_spend_amount %s, orders %s', customers.lifetime_spend_amount, coalesce(spent.amount, 0))
    from customers
    left join (
        select orders.customer_id, sum(rules.order_counts_for_loyalty(orders)) as amount
        from orders
        where orders.status = 'delivered'
        group by orders.customer_id
    ) as spent on customers.customer_id = spent.customer_id
    where customers.lifetime_spend_amount <> coalesce(spent.amount, 0)

    union all

    select
        'customers_tier_follows', customers.customer_id::text,
        format('tier %s, rule gives %s', customers.tier, earned.tier)
    from customers
    cross join lateral rules.loyalty_tier(customers.lifetime_spend_amount, customers.loyalty_points) as earned (tier)
    where customers.tier <> earned.tier

    union all

    select
        'categories_one_below_parent', child.category_id::text,
        format('level %s below level %s', child.level, parent.level)
    from categories as child
    inner join categories as parent on child.parent_id = parent.category_id
    where child.level <> parent.level + 1

    union all

    select
        'products_follow_skus_and_reviews', products.product_id::text,
        format(
            'min_price %s, rating_avg %s of %s; rules give %s, %s of %s',
            products.min_price, products.rating_avg, products.review_count,
            prices.min_price, ratings.rating_avg, coalesce(ratings.review_count, 0)
        )
    from products
    left join (
        select product_id, min(price) as min_price from product_skus where status = 'active' group by product_id
    ) as prices on products.product_id = prices.product_id
    left join (
        select product_id, round(avg(rating), 2) as rating_avg, count(*) as review_count
        from reviews
        group by product_id
    ) as ratings on products.product_id = ratings.product_id
    where products.min_price is distinct from prices.min_price
        or products.rating_avg is distinct from ratings.rating_avg
        or products.review_count <> coalesce(ratings.review_count, 0)

    union all

    select 'reviews_by_buyer', reviews.review_id::text, 'not by the buyer, or of a product not in the order'
    from reviews
    inner join orders on reviews.order_id = orders.order_id
    where reviews.user_id <> orders.user_id
        or (
            reviews.product_id is not null and not exists (
                select from order_items
                where order_items.order_id = reviews.order_id and order_items.product_id = reviews.product_id
            )
        )
$$;

comment on function rules.violations() is
    'Every row that breaks a rule: the rule''s name, the key of the row, and what is wrong. Empty when all is well.';
