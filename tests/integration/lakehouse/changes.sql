-- What happens to the Olist shop between two builds: every table changes, keys go and come back, texts are awkward.

-- Rows for the tables that Olist leaves empty, in another currency.
insert into users (user_id, email, country, registered_at) values
(900001, 'ada@example.org', 'TH', '2026-01-01'), (900002, 'bob@example.org', 'TH', '2026-01-01');
insert into customers (customer_id, user_id, country, birth_date, address, preferences) values
(900001, 900001, 'TH', '1969-12-31', '{"line": "12/3 ถนนสุขุมวิท", "n": 1.10}', '{}'), (900002, 900002, 'TH', '2000-02-29', '{}', '{"a": [1, 2.50, null]}');
insert into sellers (seller_id, seller_name, country, joined_at) values (900001, 'Shop "\ü" 🙂', 'TH', '2026-01-01');
insert into suppliers (supplier_id, supplier_name, country, lead_time_days) values (900001, 'Mill', 'TH', 7);
insert into warehouses (warehouse_id, warehouse_name, city, country, time_zone, capacity) values
(900001, 'Bangkok 1', 'Bangkok', 'TH', 'Asia/Bangkok', 1000);
insert into products (product_id, category_id, seller_id, product_name, tags, currency, listed_at)
select 900001, min(category_id), 900001, E'Lamp\twith\nlines', '["a", "é", null]', 'THB', '2026-01-01' from categories where level = 2;
insert into product_skus (sku_id, product_id, sku_code, price, cost) values (900001, 900001, 'LAMP', 100, 60);
insert into inventory_log (
    log_id, sku_id, warehouse_id, movement_type, quantity_change, currency, unit_cost, supplier_id, moved_at
) values (900001, 900001, 900001, 'receipt', 10, 'THB', 60, 900001, '2026-01-02');
insert into fx_rates (currency, rate_date, reporting_currency, rate) values ('THB', '2026-01-01', 'BRL', 0.16125);
insert into campaigns (
    campaign_id, campaign_name, campaign_type, objective, currency, budget_amount, starts_at, ends_at
) values (900001, 'New year', 'email', 'retention', 'THB', 1000, '2026-01-01', '2026-03-01');
insert into campaign_spend (campaign_id, spend_date, currency, spend_amount, impression_count, click_count) values
(900001, '2026-01-02', 'THB', 10, 100, 5);
insert into vouchers (
    voucher_id, voucher_code, voucher_type, value, currency, min_order_amount, usage_limit, starts_at, ends_at
) values (900001, 'TEN', 'fixed_amount', 10, 'THB', 50, 20, '2026-01-01', '2026-03-01');
insert into flash_sales (flash_sale_id, sku_id, sale_price, quota, starts_at, ends_at) values
(900001, 900001, 80, 20, '2026-01-01', '2026-03-01');
insert into orders (
    order_id, customer_id, user_id, channel, currency, subtotal_amount, discount_amount, shipping_amount, tax_amount,
    total_amount, ship_to_country, ordered_at
) values (900001, 900001, 900001, 'website', 'THB', 160, 10, 20, 7, 177, 'TH', '2026-01-05 23:59:59.999999+00');
insert into order_items (
    order_item_id, order_id, line_number, sku_id, product_id, seller_id, flash_sale_id, quantity, unit_price,
    discount_amount, shipping_amount, tax_amount
) values (900001, 900001, 1, 900001, 900001, 900001, 900001, 2, 80, 10, 20, 7);
insert into voucher_redemptions (
    redemption_id, voucher_id, order_id, user_id, currency, discount_amount, redeemed_at
) values (900001, 900001, 900001, 900001, 'THB', 10, '2026-01-05');
insert into payments (payment_id, order_id, sequence_number, method, status, currency, amount, attempted_at) values
(900001, 900001, 1, 'credit_card', 'captured', 'THB', 177, '2026-01-05');
insert into shipments (shipment_id, order_id, warehouse_id, currency) values (900001, 900001, 900001, 'THB');
insert into order_returns (return_id, order_id, order_item_id, reason, currency, refund_amount, requested_at) values
(900001, 900001, 900001, 'defective', 'THB', 50.05, '2026-01-10');
insert into user_events (event_id, event_type, session_id, user_id, platform, occurred_at) values
(900001, 'page_view', 's1', 900001, 'web', '2026-03-29 01:30:00.123456+01');
insert into carts (cart_id, user_id, currency, opened_at) values (900001, 900001, 'THB', '2026-01-05');
insert into cart_items (cart_id, sku_id, quantity, unit_price, added_at) values (900001, 900001, 1, 100, '2026-01-05');
insert into wishlists (user_id, product_id, added_at) values (900001, 900001, '2026-01-05');

-- Updates that reach the marts: names, prices of orders long past, ratings, a rate.
update sellers set seller_name = seller_name || ' Ünïcødé', commission_rate = 0.1234 where seller_id % 97 = 0;
update reviews set rating = 6 - rating where review_id % 50 = 0;
update customers set city = null, state = null where customer_id % 61 = 0;
update fx_rates set rate = 0.17 where currency = 'THB';
update payments set status = 'failed', captured_at = null where payment_id in (
    select payment_id from payments where status = 'captured' order by payment_id limit 3
);

-- A payment that was booked on the wrong order.
update payments set order_id = (select max(order_id) from orders where currency = 'BRL'), sequence_number = 9
where payment_id = (select min(payment_id) from payments where status = 'captured' and currency = 'BRL');

-- Keys that go, come back, and go again.
create temporary table gone as select * from reviews where review_id % 40 = 0;
delete from reviews where review_id in (select review_id from gone);
insert into reviews select * from gone where review_id % 80 = 0;
update reviews set content = 'again' where review_id % 80 = 0;
delete from reviews where review_id % 160 = 0;
delete from geolocations where geolocation_id % 11 = 0;
update geolocations set geolocation_id = geolocation_id + 5000000 where geolocation_id % 1000 = 1;

-- Whole orders that go with all that belongs to them.
create temporary table cancelled as
select order_id from orders where status = 'cancelled' and order_id % 10 = 0;
delete from reviews where order_id in (select order_id from cancelled);
delete from shipments where order_id in (select order_id from cancelled);
delete from payments where order_id in (select order_id from cancelled);
delete from orders where order_id in (select order_id from cancelled);

-- Rows that come and go between two builds, and a change that is undone.
insert into wishlists (user_id, product_id, added_at) values (900002, 900001, '2026-01-06');
delete from wishlists where user_id = 900002;
