-- Who sells and supplies, and where goods lie: sellers, suppliers, warehouses.

create table if not exists sellers (
    seller_id bigint not null auto_increment primary key
        comment 'Identifier of the seller.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    user_id bigint
        comment 'The account that manages the shop; null if not known.',
    seller_name varchar(255) not null
        comment 'Name of the shop as buyers see it.',
    status varchar(32) not null default 'active'
        comment 'State of the shop: active, suspended (by the platform) or closed.',
    tier varchar(32) not null default 'silver'
        comment 'Contract tier agreed with the platform: silver, gold or platinum.',
    rating_avg numeric(3, 2)
        comment 'Rating shown to buyers, 1 (worst) to 5; null without a rating.',
    commission_rate numeric(6, 4)
        comment 'Share of an item''s value that the platform keeps, 0 to 1; null where the standard rate applies.',
    city varchar(255)
        comment 'City the seller ships from.',
    state varchar(255)
        comment 'State or province the seller ships from, as the country writes it.',
    postal_code varchar(255)
        comment 'Postal code the seller ships from; leading zeros matter.',
    country varchar(32) not null
        comment 'Country the seller ships from, ISO 3166-1 alpha-2.',
    joined_at timestamp(6) not null
        comment 'When the seller joined the marketplace.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint sellers_external_id_key unique (external_id),
    key sellers_by_user (user_id),
    constraint sellers_user_id_fkey foreign key (user_id) references users (user_id),
    constraint sellers_status_known check (status in ('active', 'suspended', 'closed')),
    constraint sellers_tier_known check (tier in ('silver', 'gold', 'platinum')),
    constraint sellers_rating_in_range check (rating_avg between 1 and 5),
    constraint sellers_commission_is_fraction check (commission_rate between 0 and 1),
    constraint sellers_country_is_iso check (char_length(country) = 2 and country regexp '^[A-Z]{2}$')
) comment 'Merchants. One row per shop that sells on the marketplace.';

create table if not exists suppliers (
    supplier_id bigint not null auto_increment primary key
        comment 'Identifier of the supplier.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    supplier_name varchar(255) not null
        comment 'Name of the company.',
    status varchar(32) not null default 'active'
        comment 'Whether we order from it: active, paused or closed.',
    country varchar(32) not null
        comment 'Country the goods come from, ISO 3166-1 alpha-2.',
    contact_email varchar(255)
        comment 'E-mail address for orders. Personal data.',
    lead_time_days integer not null
        comment 'Usual days from our order to arrival in the warehouse.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint suppliers_external_id_key unique (external_id),
    constraint suppliers_status_known check (status in ('active', 'paused', 'closed')),
    constraint suppliers_country_is_iso check (char_length(country) = 2 and country regexp '^[A-Z]{2}$'),
    constraint suppliers_lead_time_not_negative check (lead_time_days >= 0)
) comment 'Companies that replenish the warehouses. One row per supplier.';

create table if not exists warehouses (
    warehouse_id bigint not null auto_increment primary key
        comment 'Identifier of the warehouse.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    warehouse_name varchar(255) not null
        comment 'Name of the fulfilment centre.',
    city varchar(255) not null
        comment 'City the warehouse stands in.',
    state varchar(255)
        comment 'State or province the warehouse stands in.',
    country varchar(32) not null
        comment 'Country the warehouse stands in, ISO 3166-1 alpha-2.',
    postal_code varchar(255)
        comment 'Postal code of the warehouse; leading zeros matter.',
    time_zone varchar(255) not null
        comment 'Time zone of the warehouse, IANA name.',
    capacity bigint not null
        comment 'Pieces the warehouse can hold.',
    is_active boolean not null default true
        comment 'Whether the warehouse ships orders now.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint warehouses_external_id_key unique (external_id),
    constraint warehouses_warehouse_name_key unique (warehouse_name),
    constraint warehouses_country_is_iso check (char_length(country) = 2 and country regexp '^[A-Z]{2}$'),
    constraint warehouses_capacity_positive check (capacity > 0),
    constraint warehouses_is_active_is_boolean check (is_active in (0, 1))
) comment 'Fulfilment centres. One row per building that stores and ships goods.';
