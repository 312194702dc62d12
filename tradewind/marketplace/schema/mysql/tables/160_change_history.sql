-- What prices, contracts and tiers were when: one row per change, with the time from which it holds.

create table if not exists sku_price_history (
    sku_id bigint not null
        comment 'The SKU.',
    valid_from timestamp(6) not null
        comment 'Moment from which price and cost hold, until the SKU''s next row.',
    price numeric(18, 2) not null
        comment 'List price of one piece, in the product''s currency.',
    cost numeric(18, 2)
        comment 'What one piece costs us, in the product''s currency; null if not known.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    primary key (sku_id, valid_from),
    constraint sku_price_history_sku_id_fkey foreign key (sku_id) references product_skus (sku_id) on delete cascade,
    constraint sku_price_history_price_not_negative check (price >= 0),
    constraint sku_price_history_cost_not_negative check (cost >= 0)
) comment 'Prices and costs of SKUs over time. One row per SKU and change; written by rule only. Imported SKUs have rows from their first change here on.';

create table if not exists seller_contract_history (
    seller_id bigint not null
        comment 'The seller.',
    valid_from timestamp(6) not null
        comment 'Moment from which the contract holds, until the seller''s next row.',
    tier varchar(32) not null
        comment 'Contract tier: silver, gold or platinum.',
    commission_rate numeric(6, 4)
        comment 'Share of an item''s value that the platform keeps, 0 to 1; null where the standard rate applies.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    primary key (seller_id, valid_from),
    constraint seller_contract_history_seller_id_fkey foreign key (seller_id)
        references sellers (seller_id) on delete cascade,
    constraint seller_contract_history_tier_known check (tier in ('silver', 'gold', 'platinum')),
    constraint seller_contract_history_commission_is_fraction check (commission_rate between 0 and 1)
) comment 'Contract tiers and commission rates of sellers over time. One row per seller and change; written by rule only. Imported sellers have rows from their first change here on.';

create table if not exists customer_tier_history (
    customer_id bigint not null
        comment 'The profile.',
    valid_from timestamp(6) not null
        comment 'Moment from which the tier holds, until the profile''s next row.',
    tier varchar(32) not null
        comment 'Loyalty tier, bronze to platinum.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    primary key (customer_id, valid_from),
    constraint customer_tier_history_customer_id_fkey foreign key (customer_id)
        references customers (customer_id) on delete cascade,
    constraint customer_tier_history_tier_known check (tier in ('bronze', 'silver', 'gold', 'platinum'))
) comment 'Loyalty tiers of customers over time. One row per profile and change; written by rule only. Imported profiles have rows from their first change here on.';
