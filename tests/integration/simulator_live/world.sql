-- A small shop: 60 buyers in two countries, 12 products with two SKUs each, stock in two warehouses, one voucher.
-- One text for both database families.

insert into users (user_id, email, country, time_zone, registered_at)
with recursive numbers (id) as (select 1 union all select id + 1 from numbers where id < 60)
select
    id,
    concat('buyer', id, '@example.org'),
    case when id % 3 = 0 then 'SG' else 'TH' end,
    case when id % 3 = 0 then 'Asia/Singapore' else 'Asia/Bangkok' end,
    timestamp '2026-01-01 00:00:00'
from numbers;

insert into customers (customer_id, user_id, first_name, country, city, postal_code)
select user_id, user_id, 'Ada', country, case country when 'SG' then 'Singapore' else 'Bangkok' end, '10110'
from users;

insert into sellers (seller_id, seller_name, country, commission_rate, joined_at) values
(1, 'Lantern House', 'TH', 0.08, '2026-01-01'), (2, 'Merlion Goods', 'SG', 0.1, '2026-01-01');
insert into suppliers (supplier_id, supplier_name, country, lead_time_days) values (1, 'Mill', 'TH', 7);
insert into warehouses (warehouse_id, warehouse_name, city, country, time_zone, capacity) values
(1, 'Bangkok 1', 'Bangkok', 'TH', 'Asia/Bangkok', 100000),
(2, 'Singapore 1', 'Singapore', 'SG', 'Asia/Singapore', 100000);

insert into categories (category_id, parent_id, level, category_name) values
(1, null, 1, 'Home'), (2, 1, 2, 'Lighting'), (3, 1, 2, 'Kitchen');
insert into products (product_id, category_id, seller_id, supplier_id, product_name, currency, listed_at)
with recursive numbers (id) as (select 1 union all select id + 1 from numbers where id < 12)
select id, 2 + id % 2, 1 + id % 2, 1, concat('Product ', id), 'THB', timestamp '2026-01-01 00:00:00'
from numbers;
insert into product_skus (sku_id, product_id, sku_code, price, cost)
with recursive numbers (id) as (select 1 union all select id + 1 from numbers where id < 24)
select id, floor((id + 1) / 2.0), concat('SKU-', id), 100 + 10 * id, 60 + 6 * id
from numbers;
insert into inventory_log (sku_id, warehouse_id, movement_type, quantity_change, currency, unit_cost, supplier_id, moved_at)
with recursive numbers (id) as (select 1 union all select id + 1 from numbers where id < 24)
select numbers.id, lot.warehouse_id, 'receipt', lot.pieces, 'THB', 60, 1, timestamp '2026-01-02 00:00:00'
from numbers
cross join (
    select 1 as warehouse_id, 40 as pieces
    union all
    select 2, 30
    union all
    select 1, 5000
) as lot
where numbers.id > 1 or lot.pieces < 5000
order by numbers.id, lot.warehouse_id, lot.pieces;
update inventory set reorder_point = 50, safety_stock = 20;

insert into fx_rates (currency, rate_date, reporting_currency, rate) values
('USD', '2026-01-01', 'USD', 1), ('THB', '2026-01-01', 'USD', 0.03), ('SGD', '2026-01-01', 'USD', 0.75);
insert into campaigns (
    campaign_id, campaign_name, campaign_type, objective, utm_source, utm_medium, utm_campaign, currency,
    budget_amount, status, starts_at, ends_at
) values (
    1, 'New year', 'social', 'conversion', 'facebook', 'paid', 'new-year', 'THB', 100000, 'running',
    '2026-01-01', '2036-01-01'
);
insert into vouchers (
    voucher_id, voucher_code, voucher_type, value, currency, min_order_amount, usage_limit, starts_at, ends_at
) values (1, 'TEN', 'fixed_amount', 10, 'THB', 50, 25, '2026-01-01', '2036-01-01');
