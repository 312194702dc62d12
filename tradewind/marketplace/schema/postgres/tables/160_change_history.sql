-- What prices, contracts and tiers were when: one row per change, with the time from which it holds.

create table sku_price_history (
    sku_id bigint not null references product_skus on delete cascade,
    valid_from timestamptz not null,
    price numeric(18, 2) not null constraint sku_price_history_price_not_negative check (price >= 0),
    cost numeric(18, 2) constraint sku_price_history_cost_not_negative check (cost >= 0),
    created_at timestamptz not null default now(),
    primary key (sku_id, valid_from)
);

comment on table sku_price_history is
    'Prices and costs of SKUs over time. One row per SKU and change; written by rule only. Imported SKUs have rows from '
    'their first change here on.';
comment on column sku_price_history.sku_id is 'The SKU.';
comment on column sku_price_history.valid_from is 'Moment from which price and cost hold, until the SKU''s next row.';
comment on column sku_price_history.price is 'List price of one piece, in the product''s currency.';
comment on column sku_price_history.cost is 'What one piece costs us, in the product''s currency; null if not known.';
comment on column sku_price_history.created_at is 'When this row was written.';

create table seller_contract_history (
    seller_id bigint not null references sellers on delete cascade,
    valid_from timestamptz not null,
    tier text not null
    constraint seller_contract_history_tier_known check (tier in ('silver', 'gold', 'platinum')),
    commission_rate numeric(6, 4)
    constraint seller_contract_history_commission_is_fraction check (commission_rate between 0 and 1),
    created_at timestamptz not null default now(),
    primary key (seller_id, valid_from)
);

comment on table seller_contract_history is
    'Contract tiers and commission rates of sellers over time. One row per seller and change; written by rule only. '
    'Imported sellers have rows from their first change here on.';
comment on column seller_contract_history.seller_id is 'The seller.';
comment on column seller_contract_history.valid_from is 'Moment from which the contract holds, until the seller''s next row.';
comment on column seller_contract_history.tier is 'Contract tier: silver, gold or platinum.';
comment on column seller_contract_history.commission_rate is
    'Share of an item''s value that the platform keeps, 0 to 1; null where the standard rate applies.';
comment on column seller_contract_history.created_at is 'When this row was written.';

create table customer_tier_history (
    customer_id bigint not null references customers on delete cascade,
    valid_from timestamptz not null,
    tier text not null
    constraint customer_tier_history_tier_known check (tier in ('bronze', 'silver', 'gold', 'platinum')),
    created_at timestamptz not null default now(),
    primary key (customer_id, valid_from)
);

comment on table customer_tier_history is
    'Loyalty tiers of customers over time. One row per profile and change; written by rule only. Imported profiles have '
    'rows from their first change here on.';
comment on column customer_tier_history.customer_id is 'The profile.';
comment on column customer_tier_history.valid_from is 'Moment from which the tier holds, until the profile''s next row.';
comment on column customer_tier_history.tier is 'Loyalty tier, bronze to platinum.';
comment on column customer_tier_history.created_at is 'When this row was written.';
