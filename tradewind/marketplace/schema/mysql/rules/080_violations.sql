-- All rules at once, over all rows: what a bulk load is checked with, and an oracle for tests.

create or replace view violations (rule, `key`, detail) as

select
    'orders_equal_their_items', cast(orders.order_id as char),
    concat(
        'order has ', concat_ws(
            ', ', orders.subtotal_amount, orders.discount_amount, orders.shipping_amount, orders.tax_amount
        ),
        '; its items give ', concat_ws(
            ', ', coalesce(sum(items.quantity * items.unit_price), 0), coalesce(sum(items.discount_amount), 0),
            coalesce(sum(items.shipping_amount), 0), coalesce(sum(items.tax_amount), 0)
        )
    )
from orders
left join order_items as items on orders.order_id = items.order_id
group by
    orders.order_id, orders.subtotal_amount, orders.discount_amount, orders.shipping_amount, orders.tax_amount
having
    orders.subtotal_amount <> coalesce(sum(items.quantity * items.unit_price), 0)
    or orders.discount_amount <> coalesce(sum(items.discount_amount), 0)
    or orders.shipping_amount <> coalesce(sum(items.shipping_amount), 0)
    or orders.tax_amount <> coalesce(sum(items.tax_amount), 0)

union all

select
    'order_returns_within_payments', cast(refunded.order_id as char),
    concat('refunds of ', refunded.amount, ' exceed received payments of ', coalesce(received.amount, 0))
from (
    select order_id, sum(refund_amount) as amount from order_returns where status <> 'rejected' group by order_id
) as refunded
left join (
    select order_id, sum(amount) as amount
    from payments
    where status in ('captured', 'charged_back')
    group by order_id
) as received on refunded.order_id = received.order_id
where refunded.amount > coalesce(received.amount, 0)

union all

select
    'orders_status_follows_life_cycle', cast(step.order_id as char),
    concat('step ', step.step_number, ' goes from ', coalesce(step.from_status, 'nothing'), ' to ', step.to_status)
from (
    select
        order_id, step_number, from_status, to_status,
        lag(to_status) over (partition by order_id order by step_number) as left_status,
        row_number() over (partition by order_id order by step_number) as position
    from order_status_history
) as step
where step.position <> step.step_number
    or not step.from_status <=> step.left_status
    or (step.step_number = 1 and step.to_status <> 'pending')
    or (
        step.step_number > 1 and not exists (
            select 1 from rules.order_transitions as allowed
            where allowed.from_status = step.from_status and allowed.to_status = step.to_status
        )
    )

union all

select
    'order_status_history_ends_in_status', cast(orders.order_id as char),
    concat('order is ', orders.status, ', its history ends in ', coalesce(last_step.to_status, 'nothing'))
from orders
left join (
    select order_id, max(step_number) as step_number from order_status_history group by order_id
) as latest on orders.order_id = latest.order_id
left join order_status_history as last_step
    on latest.order_id = last_step.order_id and latest.step_number = last_step.step_number
where not last_step.to_status <=> orders.status

union all

select
    'payments_currency_is_the_orders', cast(payments.payment_id as char),
    concat('payment in ', payments.currency, ', order in ', orders.currency)
from payments
inner join orders on payments.order_id = orders.order_id
where payments.currency <> orders.currency

union all

select
    'order_returns_currency_is_the_orders', cast(order_returns.return_id as char),
    concat('return in ', order_returns.currency, ', order in ', orders.currency)
from order_returns
inner join orders on order_returns.order_id = orders.order_id
where order_returns.currency <> orders.currency

union all

select
    'order_items_sku_of_product', cast(order_items.order_item_id as char),
    concat('SKU ', order_items.sku_id, ' is not a variant of product ', order_items.product_id)
from order_items
inner join product_skus on order_items.sku_id = product_skus.sku_id
where order_items.product_id <> product_skus.product_id

union all

select
    'fx_rates_one_reporting_currency', group_concat(distinct reporting_currency separator ', '),
    'several reporting currencies'
from fx_rates
having count(distinct reporting_currency) > 1

union all

select
    'inventory_quantity_follows_ledger', concat(inventory.sku_id, '/', inventory.warehouse_id),
    concat('quantity ', inventory.quantity, ', ledger ', coalesce(ledger.pieces, 0))
from inventory
left join (
    select sku_id, warehouse_id, sum(quantity_change) as pieces
    from inventory_log
    group by sku_id, warehouse_id
) as ledger on inventory.sku_id = ledger.sku_id and inventory.warehouse_id = ledger.warehouse_id
where inventory.quantity <> coalesce(ledger.pieces, 0)

union all

select
    'inventory_quantity_follows_ledger', concat(ledger.sku_id, '/', ledger.warehouse_id),
    concat('no quantity, ledger ', sum(ledger.quantity_change))
from inventory_log as ledger
left join inventory on ledger.sku_id = inventory.sku_id and ledger.warehouse_id = inventory.warehouse_id
where inventory.sku_id is null
group by ledger.sku_id, ledger.warehouse_id

union all

select
    'inventory_log_lot_not_overdrawn', cast(lot_id as char), concat('lot lacks ', -sum(quantity_change), ' pieces')
from inventory_log
group by lot_id
having sum(quantity_change) < 0

union all

select
    'product_skus_stock_follows_ledger', cast(product_skus.sku_id as char),
    concat('stock ', product_skus.stock, ', ledger ', coalesce(ledger.pieces, 0))
from product_skus
left join (
    select sku_id, sum(quantity_change) as pieces from inventory_log group by sku_id
) as ledger on product_skus.sku_id = ledger.sku_id
where product_skus.stock <> coalesce(ledger.pieces, 0)

union all

select
    'vouchers_used_count_follows_redemptions', cast(vouchers.voucher_id as char),
    concat('used_count ', vouchers.used_count, ', redemptions ', coalesce(uses.times, 0))
from vouchers
left join (
    select voucher_id, count(*) as times from voucher_redemptions where released_at is null group by voucher_id
) as uses on vouchers.voucher_id = uses.voucher_id
where vouchers.used_count <> coalesce(uses.times, 0)

union all

select
    'vouchers_used_within_user_limit', concat(voucher_id, '/', customer_id),
    concat('used ', times, ' times, limit ', user_limit)
from profile_limit_differences

union all

select
    'voucher_redemptions_fit_order', cast(redemption_id as char),
    concat('user, currency, time or subtotal does not fit voucher ', voucher_id, ' and order ', order_id)
from redemption_differences

union all

select
    'flash_sales_sold_count_follows_items', cast(flash_sales.flash_sale_id as char),
    concat('sold_count ', flash_sales.sold_count, ', items ', coalesce(sold.pieces, 0))
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
    'order_items_fit_flash_sale', cast(order_item_id as char),
    concat('flash sale ', flash_sale_id, ' does not sell the SKU at that time')
from flash_sale_differences

union all

select
    'customers_spend_follows_orders', cast(customers.customer_id as char),
    concat('lifetime_spend_amount ', customers.lifetime_spend_amount, ', orders ', coalesce(spent.amount, 0))
from customers
left join (
    select customer_id, sum(order_counts_for_loyalty(status, is_test, total_amount, currency, ordered_at)) as amount
    from orders
    where status = 'delivered'
    group by customer_id
) as spent on customers.customer_id = spent.customer_id
where customers.lifetime_spend_amount <> coalesce(spent.amount, 0)

union all

select
    'customers_tier_follows', cast(customers.customer_id as char),
    concat('tier ', customers.tier, ', rule gives ', loyalty_tier(lifetime_spend_amount, loyalty_points))
from customers
where customers.tier <> loyalty_tier(lifetime_spend_amount, loyalty_points)

union all

select
    'categories_one_below_parent', cast(child.category_id as char),
    concat('level ', child.level, ' below level ', parent.level)
from categories as child
inner join categories as parent on child.parent_id = parent.category_id
where child.level <> parent.level + 1

union all

select
    'products_follow_skus_and_reviews', cast(products.product_id as char),
    concat(
        'min_price ', coalesce(products.min_price, 'null'), ', rating_avg ', coalesce(products.rating_avg, 'null'),
        ' of ', products.review_count, '; rules give ', coalesce(prices.min_price, 'null'), ', ',
        coalesce(average_rating(ratings.stars, ratings.review_count), 'null'), ' of ', coalesce(ratings.review_count, 0)
    )
from products
left join (
    select product_id, min(price) as min_price from product_skus where status = 'active' group by product_id
) as prices on products.product_id = prices.product_id
left join (
    select product_id, sum(rating) as stars, count(*) as review_count
    from reviews
    group by product_id
) as ratings on products.product_id = ratings.product_id
where not products.min_price <=> prices.min_price
    or not products.rating_avg <=> average_rating(ratings.stars, ratings.review_count)
    or products.review_count <> coalesce(ratings.review_count, 0)

union all

select
    'orders_profile_of_user', cast(orders.order_id as char),
    concat('order of user ', orders.user_id, ', profile of user ', customers.user_id)
from orders
inner join customers on orders.customer_id = customers.customer_id
where orders.user_id <> customers.user_id

union all

select
    'payouts_equal_their_lines', cast(payouts.payout_id as char),
    concat(
        'gross ', payouts.gross_amount, ', fee ', payouts.fee_amount, '; its lines give ',
        coalesce(sum(payout_lines.gross_amount), 0), ', ', coalesce(sum(payout_lines.fee_amount), 0)
    )
from payouts
left join payout_lines on payouts.payout_id = payout_lines.payout_id
group by payouts.payout_id, payouts.gross_amount, payouts.fee_amount
having
    payouts.gross_amount <> coalesce(sum(payout_lines.gross_amount), 0)
    or payouts.fee_amount <> coalesce(sum(payout_lines.fee_amount), 0)

union all

select
    'payout_lines_currency_is_the_orders', cast(payout_lines.payout_line_id as char),
    concat('payout in ', payouts.currency, ', order in ', orders.currency)
from payout_lines
inner join payouts on payout_lines.payout_id = payouts.payout_id
inner join orders on payout_lines.order_id = orders.order_id
where payouts.currency <> orders.currency

union all

select
    'payout_lines_refer_to_one_order', cast(payout_line_id as char),
    concat('its item, payment or return is not of order ', order_id)
from payout_line_differences

union all

select
    'sku_price_history_ends_in_price', cast(product_skus.sku_id as char),
    concat(
        'price ', product_skus.price, ', cost ', coalesce(product_skus.cost, 'null'), '; its history ends in ',
        recorded.price, ', ', coalesce(recorded.cost, 'null')
    )
from product_skus
inner join (
    select sku_id, max(valid_from) as valid_from from sku_price_history group by sku_id
) as latest on product_skus.sku_id = latest.sku_id
inner join sku_price_history as recorded
    on latest.sku_id = recorded.sku_id and latest.valid_from = recorded.valid_from
where product_skus.price <> recorded.price or not product_skus.cost <=> recorded.cost

union all

select
    'seller_contract_history_ends_in_contract', cast(sellers.seller_id as char),
    concat(
        'tier ', sellers.tier, ', commission ', coalesce(sellers.commission_rate, 'null'), '; its history ends in ',
        recorded.tier, ', ', coalesce(recorded.commission_rate, 'null')
    )
from sellers
inner join (
    select seller_id, max(valid_from) as valid_from from seller_contract_history group by seller_id
) as latest on sellers.seller_id = latest.seller_id
inner join seller_contract_history as recorded
    on latest.seller_id = recorded.seller_id and latest.valid_from = recorded.valid_from
where sellers.tier <> recorded.tier or not sellers.commission_rate <=> recorded.commission_rate

union all

select
    'customer_tier_history_ends_in_tier', cast(customers.customer_id as char),
    concat('tier ', customers.tier, '; its history ends in ', recorded.tier)
from customers
inner join (
    select customer_id, max(valid_from) as valid_from from customer_tier_history group by customer_id
) as latest on customers.customer_id = latest.customer_id
inner join customer_tier_history as recorded
    on latest.customer_id = recorded.customer_id and latest.valid_from = recorded.valid_from
where customers.tier <> recorded.tier

union all

select 'reviews_by_buyer', cast(reviews.review_id as char), 'not by the buyer, or of a product not in the order'
from reviews
inner join orders on reviews.order_id = orders.order_id
where reviews.user_id <> orders.user_id
    or (
        reviews.product_id is not null and not exists (
            select 1 from order_items
            where order_items.order_id = reviews.order_id and order_items.product_id = reviews.product_id
        )
    );
