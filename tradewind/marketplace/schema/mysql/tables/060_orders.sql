-- What is bought: orders, their items and their history.

create table if not exists orders (
    order_id bigint not null auto_increment primary key
        comment 'Identifier of the order.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    customer_id bigint not null
        comment 'CRM profile that ordered.',
    user_id bigint not null
        comment 'Account that ordered; always the account of the profile.',
    campaign_id bigint
        comment 'Campaign the order is attributed to; null if none.',
    channel varchar(32) not null
        comment 'Where it was placed: shopee, lazada, tiki (marketplaces), website, app (our own) or olist (imported).',
    status varchar(32) not null default 'pending'
        comment 'Current step of the life cycle: pending, confirmed, paid, packed, shipped, delivered, cancelled or returned.',
    currency varchar(32) not null
        comment 'Currency of all amounts of the order, ISO 4217.',
    subtotal_amount numeric(18, 2) not null
        comment 'Sum of quantity x unit price over its items, before discounts, in `currency`.',
    discount_amount numeric(18, 2) not null default 0
        comment 'Sum of its items'' discounts (vouchers and promotions), in `currency`.',
    shipping_amount numeric(18, 2) not null default 0
        comment 'Sum of its items'' shipping charges to the buyer, in `currency`.',
    tax_amount numeric(18, 2) not null default 0
        comment 'Sum of its items'' taxes, in `currency`.',
    total_amount numeric(18, 2) not null
        comment 'What the buyer owes: subtotal - discount + shipping + tax, in `currency`.',
    ship_to_city varchar(255)
        comment 'City the order goes to.',
    ship_to_state varchar(255)
        comment 'State or province the order goes to, as the country writes it.',
    ship_to_postal_code varchar(255)
        comment 'Postal code the order goes to; leading zeros matter.',
    ship_to_country varchar(32) not null
        comment 'Country the order goes to, ISO 3166-1 alpha-2.',
    session_id varchar(255)
        comment 'Browsing session that led to the order; null for marketplace and imported orders.',
    device_fingerprint varchar(255)
        comment 'Fingerprint of the device that ordered; null if not known. Personal data.',
    ip_address varchar(255)
        comment 'IP address that ordered; null if not known. Personal data.',
    cancel_reason varchar(255)
        comment 'Why it was cancelled; null otherwise.',
    is_test boolean not null default false
        comment 'Whether testers placed it; excluded from business figures.',
    ordered_at timestamp(6) not null
        comment 'When the order was placed.',
    status_changed_at timestamp(6) not null default (ordered_at)
        comment 'When the current status was reached.',
    paid_at timestamp(6) null
        comment 'When it was paid; null before that or if not known.',
    shipped_at timestamp(6) null
        comment 'When the carrier took it; null before that or if not known.',
    delivered_at timestamp(6) null
        comment 'When the buyer received it; null before that or if not known.',
    cancelled_at timestamp(6) null
        comment 'When it was cancelled; null otherwise.',
    returned_at timestamp(6) null
        comment 'When it was returned; null otherwise.',
    estimated_delivery_at timestamp(6) null
        comment 'Delivery time promised to the buyer; null if none was.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint orders_external_id_key unique (external_id),
    key orders_by_customer (customer_id),
    key orders_by_user (user_id),
    key orders_by_campaign (campaign_id),
    key orders_by_time (ordered_at),
    constraint orders_customer_id_fkey foreign key (customer_id) references customers (customer_id),
    constraint orders_user_id_fkey foreign key (user_id) references users (user_id),
    constraint orders_campaign_id_fkey foreign key (campaign_id) references campaigns (campaign_id),
    constraint orders_profile_of_user foreign key (customer_id, user_id)
        references customers (customer_id, user_id),
    constraint orders_channel_known check (channel in ('shopee', 'lazada', 'tiki', 'website', 'app', 'olist')),
    constraint orders_status_known check (
        status in ('pending', 'confirmed', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'returned')
    ),
    constraint orders_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint orders_subtotal_not_negative check (subtotal_amount >= 0),
    constraint orders_discount_not_negative check (discount_amount >= 0),
    constraint orders_shipping_not_negative check (shipping_amount >= 0),
    constraint orders_tax_not_negative check (tax_amount >= 0),
    constraint orders_total_not_negative check (total_amount >= 0),
    constraint orders_country_is_iso check (
        char_length(ship_to_country) = 2 and ship_to_country regexp '^[A-Z]{2}$'
    ),
    constraint orders_total_adds_up check (
        total_amount = subtotal_amount - discount_amount + shipping_amount + tax_amount
    ),
    constraint orders_is_test_is_boolean check (is_test in (0, 1))
) comment 'Orders. One row per checkout, in its current state.';

create table if not exists order_items (
    order_item_id bigint not null auto_increment primary key
        comment 'Identifier of the line.',
    order_id bigint not null
        comment 'The order it belongs to.',
    line_number integer not null
        comment 'Position in the order, from 1.',
    sku_id bigint not null
        comment 'The variant bought.',
    product_id bigint not null
        comment 'The product bought; always the SKU''s product.',
    seller_id bigint not null
        comment 'The seller that sold it.',
    flash_sale_id bigint
        comment 'Flash sale it was bought in; null if none.',
    quantity integer not null
        comment 'Pieces bought.',
    unit_price numeric(18, 2) not null
        comment 'Price of one piece at order time, in the order''s currency.',
    unit_cost numeric(18, 2)
        comment 'Cost of one piece at order time, in the order''s currency; null if not known.',
    discount_amount numeric(18, 2) not null default 0
        comment 'Discount on the whole line, its share of vouchers included, in the order''s currency.',
    shipping_amount numeric(18, 2) not null default 0
        comment 'Shipping charged for the whole line, in the order''s currency.',
    tax_amount numeric(18, 2) not null default 0
        comment 'Tax on the whole line, in the order''s currency.',
    ship_by_at timestamp(6) null
        comment 'When the seller must have handed it to the carrier; null if no limit is set.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint order_items_line_unique unique (order_id, line_number),
    key order_items_by_sku (sku_id),
    key order_items_by_product (product_id),
    key order_items_by_seller (seller_id),
    key order_items_by_flash_sale (flash_sale_id),
    constraint order_items_order_id_fkey foreign key (order_id) references orders (order_id) on delete cascade,
    constraint order_items_sku_id_fkey foreign key (sku_id) references product_skus (sku_id),
    constraint order_items_product_id_fkey foreign key (product_id) references products (product_id),
    constraint order_items_seller_id_fkey foreign key (seller_id) references sellers (seller_id),
    constraint order_items_flash_sale_id_fkey foreign key (flash_sale_id) references flash_sales (flash_sale_id),
    constraint order_items_line_positive check (line_number > 0),
    constraint order_items_quantity_positive check (quantity > 0),
    constraint order_items_price_not_negative check (unit_price >= 0),
    constraint order_items_cost_not_negative check (unit_cost >= 0),
    constraint order_items_shipping_not_negative check (shipping_amount >= 0),
    constraint order_items_tax_not_negative check (tax_amount >= 0),
    constraint order_items_discount_within_line check (
        discount_amount between 0 and quantity * unit_price + shipping_amount
    )
) comment 'Order lines. One row per order and line number.';

create table if not exists order_status_history (
    history_id bigint not null auto_increment primary key
        comment 'Identifier of the step.',
    order_id bigint not null
        comment 'The order.',
    step_number integer not null
        comment 'Position in the order''s life, from 1; the order of steps, whatever the times say.',
    from_status varchar(32)
        comment 'Status before the step; null for the first.',
    to_status varchar(32) not null
        comment 'Status after the step (same values as orders.status).',
    changed_at timestamp(6) not null
        comment 'When the step happened; reports may arrive late, so times need not increase.',
    note varchar(255)
        comment 'How the step is known where it was not observed; null otherwise.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    constraint order_status_history_step_unique unique (order_id, step_number),
    constraint order_status_history_order_id_fkey foreign key (order_id)
        references orders (order_id) on delete cascade,
    constraint order_status_history_step_positive check (step_number > 0),
    constraint order_status_history_from_known check (
        from_status in ('pending', 'confirmed', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'returned')
    ),
    constraint order_status_history_to_known check (
        to_status in ('pending', 'confirmed', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'returned')
    ),
    constraint order_status_history_starts_from_nothing check ((step_number = 1) = (from_status is null))
) comment 'Steps of orders through their life cycle. One row per order and step; written by rule only.';
