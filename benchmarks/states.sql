-- The states of a large shop, generated: a select per state over `number`. {seconds} is the span of time, {rows} how
-- many rows the state has.

-- state_orders
select {minute} as minute, toInt64(number + 1) as order_id, toUInt128(number + 1) as position, false as is_gone,
    toInt64(cityHash64(number, 3) % 500000) as user_id,
    ['website', 'app', 'shopee', 'lazada', 'tiki'][1 + cityHash64(number, 2) % 5] as channel,
    concat('City ', toString(toUInt32(sqrt(cityHash64(number, 1) % 2500)))) as ship_to_city,
    if(number > {rows} - 500 or number % 100000 = 0, 'pending',
        ['paid', 'shipped', 'delivered', 'cancelled'][1 + cityHash64(number, 6) % 4]) as status,
    {currency} as currency, toDecimal64((cityHash64(number, 5) % 100000) * 3 / 100, 2) as subtotal_amount,
    subtotal_amount as total_amount, toDecimal64(0, 2) as discount_amount,
    toString(cityHash64(user_id)) as device_fingerprint, IPv4NumToString(toUInt32(cityHash64(user_id, 7))) as ip_address, number % 1000 = 0 as is_test, {at} as ordered_at,
    if(cityHash64(number, 6) % 4 = 3, null, ordered_at) as paid_at, {old} as arrived_at

-- state_order_lines
select {minute} as minute, toInt64(number + 1) as order_id, toUInt256(number + 1) as version,
    toDecimal64((cityHash64(number, 5) % 100000) * 3 / 100, 2) as subtotal_amount,
    arrayMap(line -> tuple(order_id * 3 + line, toInt64((order_id * 7 + line) % 5000), toInt32(1),
        toDecimal64((cityHash64(number, 5) % 100000) / 100, 2)), [1, 2, 3]) as lines

-- state_order_money
select {minute} as minute, if(number % 20 = 0, 'refund', 'payment') as movement, toInt64(number + 1) as movement_id,
    toUInt256(number + 1) as version, true as is_there, toInt64(number + 1) as order_id,
    if(number % 20 = 0, 'refunded', 'captured') as status, {currency} as currency,
    toDecimal64((cityHash64(number, 5) % 100000) / 100, 2) as amount, false as is_test, {at} as ordered_at,
    currency as order_currency, toInt64(cityHash64(number, 3) % 500000) as user_id

-- state_payments
select {minute} as minute, toInt64(number + 1) as payment_id, toUInt128(number + 1) as position, false as is_gone,
    toInt64(number + 1) as order_id, 'captured' as status, {currency} as currency, toInt32(1) as sequence_number,
    toDecimal64((cityHash64(number, 5) % 100000) / 100, 2) as amount, {at} as attempted_at, 'TH' as card_country,
    toString(cityHash64(number, 3) % 500000) as card_fingerprint, {old} as arrived_at

-- state_user_events
select {minute} as minute, toInt64(number + 1) as event_id, toUInt128(number + 1) as position, false as is_gone,
    ['session_start', 'page_view', 'product_view', 'search', 'filter', 'add_to_cart', 'remove_from_cart',
        'checkout_start', 'purchase'][1 + cityHash64(number) % 9] as event_type,
    ['web', 'ios', 'android'][1 + cityHash64(number, 1) % 3] as platform,
    concat('s-', toString(intDiv(number, 8))) as session_id, toInt64(cityHash64(number, 2) % 500000) as user_id,
    toInt64(cityHash64(number, 3) % 5000) as product_id, null as order_id,
    toString(cityHash64(user_id)) as device_fingerprint, IPv4NumToString(toUInt32(cityHash64(user_id, 7))) as ip_address,
    'TH' as country, 'Bangkok' as city, number % 50 = 0 as is_bot, {at} as occurred_at, {old} as arrived_at

-- state_inventory_log
select {minute} as minute, toInt64(number + 1) as log_id, toUInt128(number + 1) as position, false as is_gone,
    toInt64(cityHash64(number, 1) % 15000) as sku_id, toInt64(1 + cityHash64(number, 2) % 5) as warehouse_id,
    'sale' as movement_type, toInt32(-1) as quantity_change, {at} as moved_at, {old} as arrived_at

-- state_inventory
select toInt64(intDiv(number, 5)) as sku_id, toInt64(1 + number % 5) as warehouse_id, toUInt128(1) as position,
    false as is_gone, toInt32(cityHash64(number) % 2000) as quantity, toInt32(50) as reorder_point,
    toInt32(20) as safety_stock, {old} as arrived_at

-- state_product_skus
select toInt64(number) as sku_id, toUInt128(1) as position, false as is_gone, toInt64(intDiv(number, 3)) as product_id,
    concat('SKU-', toString(number)) as sku_code, {old} as arrived_at

-- state_products
select toInt64(number) as product_id, toUInt128(1) as position, false as is_gone,
    concat('product ', toString(number)) as product_name, toInt64(1 + number % 50) as category_id, 'THB' as currency,
    {old} as arrived_at

-- state_categories
select toInt64(number + 1) as category_id, toUInt128(1) as position, false as is_gone, null as parent_id,
    toInt32(1) as level, concat('category ', toString(number)) as category_name, {old} as arrived_at

-- state_fx_rates
select ['THB', 'VND', 'IDR', 'SGD', 'MYR', 'PHP', 'USD'][1 + number % 7] as currency,
    toDate32(today()) - 400 + intDiv(number, 7) as rate_date, toUInt128(1) as position, false as is_gone,
    'USD' as reporting_currency, if(number % 7 = 6, 1, toDecimal64('0.03', 8)) as rate, {old} as arrived_at

-- state_flash_sales
select toInt64(number) as flash_sale_id, toUInt128(1) as position, false as is_gone, toInt64(number) as sku_id,
    toDecimal64(10, 2) as sale_price, toInt32(100) as quota, toInt32(number % 100) as sold_count,
    now64(6, 'UTC') - toIntervalHour(1) as starts_at, now64(6, 'UTC') + toIntervalHour(1) as ends_at,
    {old} as arrived_at

-- state_users
select toInt64(number) as user_id, toUInt128(1) as position, false as is_gone, false as is_test, number % 1000 = 0 as is_bot,
    'TH' as country, {at} as registered_at, {old} as arrived_at

-- state_warehouses
select toInt64(number + 1) as warehouse_id, toUInt128(1) as position, false as is_gone,
    concat('warehouse ', toString(number)) as warehouse_name, 'Bangkok' as city, {old} as arrived_at
