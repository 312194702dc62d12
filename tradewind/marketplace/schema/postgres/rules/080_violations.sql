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

    select found.rule, found.key::text, found.detail
    from rules.currency_differences() as found

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

    select 'vouchers_used_within_user_limit', found.key, found.detail
    from rules.profile_limit_differences() as found

    union all

    select 'voucher_redemptions_fit_order', found.redemption_id::text, found.detail
    from rules.redemption_differences() as found

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

    select 'order_items_fit_flash_sale', found.order_item_id::text, found.detail
    from rules.flash_sale_differences() as found

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

    select 'payouts_equal_their_lines', found.payout_id::text, found.detail
    from rules.payout_differences() as found

    union all

    select 'payout_lines_refer_to_one_order', found.payout_line_id::text, found.detail
    from rules.payout_line_differences() as found

    union all

    select
        'sku_price_history_ends_in_price', product_skus.sku_id::text,
        format('price %s, cost %s; its history ends in %s, %s', product_skus.price, product_skus.cost, last.price, last.cost)
    from product_skus
    inner join (
        select distinct on (sku_id) sku_id, price, cost from sku_price_history order by sku_id, valid_from desc
    ) as last on product_skus.sku_id = last.sku_id
    where (product_skus.price, product_skus.cost) is distinct from (last.price, last.cost)

    union all

    select
        'seller_contract_history_ends_in_contract', sellers.seller_id::text,
        format(
            'tier %s, commission %s; its history ends in %s, %s',
            sellers.tier, sellers.commission_rate, last.tier, last.commission_rate
        )
    from sellers
    inner join (
        select distinct on (seller_id) seller_id, tier, commission_rate
        from seller_contract_history
        order by seller_id, valid_from desc
    ) as last on sellers.seller_id = last.seller_id
    where (sellers.tier, sellers.commission_rate) is distinct from (last.tier, last.commission_rate)

    union all

    select
        'customer_tier_history_ends_in_tier', customers.customer_id::text,
        format('tier %s; its history ends in %s', customers.tier, last.tier)
    from customers
    inner join (
        select distinct on (customer_id) customer_id, tier from customer_tier_history order by customer_id, valid_from desc
    ) as last on customers.customer_id = last.customer_id
    where customers.tier <> last.tier

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
