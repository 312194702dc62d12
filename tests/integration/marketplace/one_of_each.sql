-- One row in every table, all with identifier 1 (SKU 2 belongs to product 2), as the application would write them.

insert into users (user_id, email, country, registered_at) values
(1, 'ada@example.org', 'TH', '2026-01-01'), (2, 'bob@example.org', 'TH', '2026-01-01');
insert into customers (customer_id, user_id, country) values (1, 1, 'TH'), (2, 2, 'TH');
insert into sellers (seller_id, seller_name, country, joined_at) values (1, 'Shop', 'TH', '2026-01-01');
insert into suppliers (supplier_id, supplier_name, country, lead_time_days) values (1, 'Mill', 'TH', 7);
insert into warehouses (warehouse_id, warehouse_name, city, country, time_zone, capacity) values
(1, 'Bangkok 1', 'Bangkok', 'TH', 'Asia/Bangkok', 1000);
insert into categories (category_id, parent_id, level, category_name) values (1, null, 1, 'home'), (2, 1, 2, 'lamps');
insert into products (product_id, category_id, seller_id, product_name, currency, listed_at) values
(1, 2, 1, 'Lamp', 'THB', '2026-01-01'), (2, 2, 1, 'Bulb', 'THB', '2026-01-01');
insert into product_skus (sku_id, product_id, sku_code, price, cost) values
(1, 1, 'LAMP', 100, 60), (2, 2, 'BULB', 10, 4);
insert into inventory_log (
    log_id, sku_id, warehouse_id, movement_type, quantity_change, currency, unit_cost, supplier_id, moved_at
) values (1, 1, 1, 'receipt', 10, 'THB', 60, 1, '2026-01-02'), (2, 1, 1, 'receipt', 5, 'THB', 66, 1, '2026-01-03');
insert into fx_rates (currency, rate_date, reporting_currency, rate) values ('THB', '2026-01-01', 'USD', 0.03);
insert into geolocations (geolocation_id, country, postal_code, latitude, longitude, city) values
(1, 'TH', '10110', 13.75, 100.5, 'Bangkok');
insert into campaigns (
    campaign_id, campaign_name, campaign_type, objective, currency, budget_amount, starts_at, ends_at
) values (1, 'New year', 'email', 'retention', 'THB', 1000, '2026-01-01', '2026-03-01');
insert into campaign_spend (campaign_id, spend_date, currency, spend_amount, impression_count, click_count) values
(1, '2026-01-02', 'THB', 10, 100, 5);
insert into vouchers (
    voucher_id, voucher_code, voucher_type, value, currency, min_order_amount, usage_limit, starts_at, ends_at
) values (1, 'TEN', 'fixed_amount', 10, 'THB', 50, 20, '2026-01-01', '2026-03-01');
insert into flash_sales (flash_sale_id, sku_id, sale_price, quota, starts_at, ends_at) values
(1, 1, 80, 20, '2026-01-01', '2026-03-01');
insert into orders (
    order_id, customer_id, user_id, channel, currency, subtotal_amount, discount_amount, shipping_amount, tax_amount,
    total_amount, ship_to_country, ordered_at
) values
(1, 1, 1, 'website', 'THB', 160, 10, 20, 7, 177, 'TH', '2026-01-05'),
(2, 2, 2, 'website', 'THB', 100, 0, 0, 0, 100, 'TH', '2026-01-05');
insert into order_items (
    order_item_id, order_id, line_number, sku_id, product_id, seller_id, flash_sale_id, quantity, unit_price,
    discount_amount, shipping_amount, tax_amount
) values (1, 1, 1, 1, 1, 1, 1, 2, 80, 10, 20, 7), (2, 2, 1, 1, 1, 1, null, 1, 100, 0, 0, 0);
insert into voucher_redemptions (
    redemption_id, voucher_id, order_id, user_id, currency, discount_amount, redeemed_at
) values (1, 1, 1, 1, 'THB', 10, '2026-01-05');
insert into payments (payment_id, order_id, sequence_number, method, status, currency, amount, attempted_at) values
(1, 1, 1, 'credit_card', 'captured', 'THB', 177, '2026-01-05');
insert into shipments (shipment_id, order_id, warehouse_id, currency) values (1, 1, 1, 'THB');
insert into order_returns (return_id, order_id, order_item_id, reason, currency, refund_amount, requested_at) values
(1, 1, 1, 'defective', 'THB', 50, '2026-01-10');
insert into reviews (review_id, order_id, user_id, product_id, rating, reviewed_at) values (1, 1, 1, 1, 4, '2026-01-12');
insert into user_events (event_id, event_type, session_id, user_id, platform, occurred_at) values
(1, 'page_view', 's1', 1, 'web', '2026-01-05');
insert into carts (cart_id, user_id, currency, opened_at) values (1, 1, 'THB', '2026-01-05');
insert into cart_items (cart_id, sku_id, quantity, unit_price, added_at) values (1, 1, 1, 100, '2026-01-05');
insert into wishlists (user_id, product_id, added_at) values (1, 1, '2026-01-05');
insert into payouts (
    payout_id, payer_type, payer, seller_id, currency, gross_amount, fee_amount, net_amount, period_starts_at, period_ends_at
) values (1, 'platform', 'platform', 1, 'THB', 150, 15, 135, '2026-01-05', '2026-01-12');
insert into payout_lines (
    payout_line_id, payout_id, order_id, order_item_id, line_type, gross_amount, fee_amount, net_amount
) values (1, 1, 1, 1, 'sale', 150, 15, 135);
insert into fraud_cases (fraud_case_id, order_id, opened_at) values (1, 1, '2026-01-08');
