-- What people do before they buy: clickstream, carts, wishlists.

create table if not exists user_events (
    event_id bigint not null auto_increment primary key
        comment 'Identifier of the event.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    event_type varchar(32) not null
        comment 'What happened: session_start, page_view, product_view, search, filter, add_to_cart, remove_from_cart, add_to_wishlist, checkout_start or purchase.',
    session_id varchar(255) not null
        comment 'Visit it belongs to; a visit ends after 30 minutes without an event.',
    user_id bigint
        comment 'Account, if signed in; null otherwise.',
    product_id bigint
        comment 'Product concerned; null if none.',
    category_id bigint
        comment 'Category concerned; null if none.',
    order_id bigint
        comment 'Order of a purchase; null otherwise.',
    campaign_id bigint
        comment 'Campaign whose link started the visit; null if none.',
    platform varchar(32) not null
        comment 'Where: web, ios or android.',
    device varchar(32)
        comment 'Kind of device: desktop, mobile or tablet; null if not known.',
    device_fingerprint varchar(255)
        comment 'Fingerprint of the device; null if not known. Personal data.',
    ip_address varchar(255)
        comment 'IP address; null if not known. Personal data.',
    duration_ms integer
        comment 'Time spent on the page, in milliseconds; null if not measured.',
    search_query text
        comment 'Text searched for; null otherwise.',
    filters json
        comment 'Filters in force, a JSON object; null if none.',
    scroll_depth_rate numeric(5, 4)
        comment 'How far down the page was scrolled, 0 to 1; null if not measured.',
    click_count integer not null default 0
        comment 'Clicks on the page.',
    country varchar(255)
        comment 'Country of the visitor, ISO 3166-1 alpha-2; null if not known.',
    city varchar(255)
        comment 'City of the visitor; null if not known.',
    referrer text
        comment 'Page or site the visitor came from; null if none.',
    is_bot boolean not null default false
        comment 'Whether the event is known to be automated traffic.',
    occurred_at timestamp(6) not null
        comment 'When it happened.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    constraint user_events_external_id_key unique (external_id),
    key user_events_by_user (user_id),
    key user_events_by_time (occurred_at),
    constraint user_events_user_id_fkey foreign key (user_id) references users (user_id),
    constraint user_events_product_id_fkey foreign key (product_id) references products (product_id),
    constraint user_events_category_id_fkey foreign key (category_id) references categories (category_id),
    constraint user_events_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint user_events_campaign_id_fkey foreign key (campaign_id) references campaigns (campaign_id),
    constraint user_events_type_known check (
        event_type in ('session_start', 'page_view', 'product_view', 'search', 'filter', 'add_to_cart', 'remove_from_cart', 'add_to_wishlist', 'checkout_start', 'purchase')
    ),
    constraint user_events_platform_known check (platform in ('web', 'ios', 'android')),
    constraint user_events_device_known check (device in ('desktop', 'mobile', 'tablet')),
    constraint user_events_duration_not_negative check (duration_ms >= 0),
    constraint user_events_scroll_is_fraction check (scroll_depth_rate between 0 and 1),
    constraint user_events_click_count_not_negative check (click_count >= 0),
    constraint user_events_is_bot_is_boolean check (is_bot in (0, 1))
) comment 'Clickstream of our own website and app. One row per event; marketplaces give none.';

create table if not exists carts (
    cart_id bigint not null auto_increment primary key
        comment 'Identifier of the cart.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    user_id bigint
        comment 'Account, if signed in; null otherwise.',
    session_id varchar(255)
        comment 'Visit that opened the cart; null if not known.',
    order_id bigint
        comment 'The order it became; null otherwise.',
    status varchar(32) not null default 'active'
        comment 'State: active, converted (became an order) or abandoned.',
    currency varchar(32) not null
        comment 'Currency of the prices in it, ISO 4217.',
    opened_at timestamp(6) not null
        comment 'When the first item was added.',
    closed_at timestamp(6) null
        comment 'When it was converted or abandoned; null while active.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint carts_external_id_key unique (external_id),
    key carts_by_user (user_id),
    key carts_by_order (order_id),
    constraint carts_user_id_fkey foreign key (user_id) references users (user_id),
    constraint carts_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint carts_status_known check (status in ('active', 'converted', 'abandoned')),
    constraint carts_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint carts_closed_when_not_active check ((status = 'active') = (closed_at is null)),
    constraint carts_order_only_when_converted check (order_id is null or status = 'converted')
) comment 'Shopping carts. One row per cart, from the first item to purchase or abandonment.';

create table if not exists cart_items (
    cart_id bigint not null
        comment 'The cart.',
    sku_id bigint not null
        comment 'The SKU in it.',
    quantity integer not null
        comment 'Pieces in the cart.',
    unit_price numeric(18, 2) not null
        comment 'Price of one piece when it was added, in the cart''s currency.',
    added_at timestamp(6) not null
        comment 'When it was put in the cart.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    primary key (cart_id, sku_id),
    key cart_items_by_sku (sku_id),
    constraint cart_items_cart_id_fkey foreign key (cart_id) references carts (cart_id) on delete cascade,
    constraint cart_items_sku_id_fkey foreign key (sku_id) references product_skus (sku_id),
    constraint cart_items_quantity_positive check (quantity > 0),
    constraint cart_items_price_not_negative check (unit_price >= 0)
) comment 'Contents of carts. One row per cart and SKU.';

create table if not exists wishlists (
    user_id bigint not null
        comment 'The account.',
    product_id bigint not null
        comment 'The product.',
    added_at timestamp(6) not null
        comment 'When it was put on the list.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    primary key (user_id, product_id),
    key wishlists_by_product (product_id),
    constraint wishlists_user_id_fkey foreign key (user_id) references users (user_id),
    constraint wishlists_product_id_fkey foreign key (product_id) references products (product_id)
) comment 'Products that users want to remember. One row per user and product.';
