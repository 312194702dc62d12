-- What brings buyers in: campaigns and their spend, vouchers, flash sales.

create table if not exists campaigns (
    campaign_id bigint not null auto_increment primary key
        comment 'Identifier of the campaign.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    campaign_name varchar(255) not null
        comment 'Name the marketing team uses.',
    campaign_type varchar(32) not null
        comment 'Medium: search, social, display, affiliate, email, push, influencer or marketplace_ads.',
    objective varchar(32) not null
        comment 'Aim: awareness, acquisition, conversion or retention.',
    utm_source varchar(255)
        comment 'utm_source that marks the campaign''s links; null for unmarked media.',
    utm_medium varchar(255)
        comment 'utm_medium that marks the campaign''s links; null for unmarked media.',
    utm_campaign varchar(255)
        comment 'utm_campaign that marks the campaign''s links; null for unmarked media.',
    currency varchar(32) not null
        comment 'Currency of budget and spend, ISO 4217.',
    budget_amount numeric(18, 2) not null
        comment 'Money set aside for the whole campaign, in `currency`.',
    status varchar(32) not null default 'planned'
        comment 'State: planned, running, paused or ended.',
    starts_at timestamp(6) not null
        comment 'First moment of the campaign.',
    ends_at timestamp(6) not null
        comment 'End of the campaign, exclusive.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint campaigns_external_id_key unique (external_id),
    constraint campaigns_utm_campaign_key unique (utm_campaign),
    constraint campaigns_type_known check (
        campaign_type in ('search', 'social', 'display', 'affiliate', 'email', 'push', 'influencer', 'marketplace_ads')
    ),
    constraint campaigns_objective_known check (
        objective in ('awareness', 'acquisition', 'conversion', 'retention')
    ),
    constraint campaigns_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint campaigns_budget_not_negative check (budget_amount >= 0),
    constraint campaigns_status_known check (status in ('planned', 'running', 'paused', 'ended')),
    constraint campaigns_end_after_start check (ends_at > starts_at)
) comment 'Marketing campaigns. One row per campaign.';

create table if not exists campaign_spend (
    campaign_id bigint not null
        comment 'The campaign.',
    spend_date date not null
        comment 'The day (UTC) the money was spent.',
    currency varchar(32) not null
        comment 'Currency of the amount, ISO 4217.',
    spend_amount numeric(18, 2) not null
        comment 'Money spent on the day, in `currency`.',
    impression_count bigint not null default 0
        comment 'How often the advertisement was shown.',
    click_count bigint not null default 0
        comment 'How often it was clicked.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed (the media report late corrections).',
    primary key (campaign_id, spend_date),
    constraint campaign_spend_campaign_id_fkey foreign key (campaign_id) references campaigns (campaign_id),
    constraint campaign_spend_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint campaign_spend_amount_not_negative check (spend_amount >= 0),
    constraint campaign_spend_clicks_within_impressions check (click_count between 0 and impression_count)
) comment 'What campaigns cost and reached. One row per campaign and day.';

create table if not exists vouchers (
    voucher_id bigint not null auto_increment primary key
        comment 'Identifier of the voucher.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    voucher_code varchar(255) not null
        comment 'Code the buyer enters.',
    voucher_type varchar(32) not null
        comment 'What it gives: percentage off, fixed_amount off or free_shipping.',
    value numeric(18, 2) not null
        comment 'Percent (0 to 100) for percentage, money in `currency` for fixed_amount, 0 for free_shipping.',
    currency varchar(32) not null
        comment 'Currency of the voucher''s amounts and of orders it applies to, ISO 4217.',
    max_discount_amount numeric(18, 2)
        comment 'Cap of the discount of one order, in `currency`; null without a cap.',
    min_order_amount numeric(18, 2) not null default 0
        comment 'Smallest order subtotal it applies to, in `currency`.',
    funded_by varchar(32) not null default 'platform'
        comment 'Who bears the discount: platform or seller.',
    usage_limit integer not null
        comment 'How often it can be redeemed in total.',
    per_user_limit integer not null default 1
        comment 'How often one user can redeem it.',
    used_count integer not null default 0
        comment 'How often it has been redeemed and not released; kept by rule from voucher_redemptions.',
    campaign_id bigint
        comment 'Campaign that hands it out; null if none.',
    status varchar(32) not null default 'active'
        comment 'Whether it can be redeemed: active, paused or ended.',
    starts_at timestamp(6) not null
        comment 'First moment it can be redeemed.',
    ends_at timestamp(6) not null
        comment 'End of its validity, exclusive.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint vouchers_external_id_key unique (external_id),
    constraint vouchers_voucher_code_key unique (voucher_code),
    key vouchers_by_campaign (campaign_id),
    constraint vouchers_campaign_id_fkey foreign key (campaign_id) references campaigns (campaign_id),
    constraint vouchers_type_known check (voucher_type in ('percentage', 'fixed_amount', 'free_shipping')),
    constraint vouchers_value_not_negative check (value >= 0),
    constraint vouchers_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint vouchers_max_discount_not_negative check (max_discount_amount >= 0),
    constraint vouchers_min_order_not_negative check (min_order_amount >= 0),
    constraint vouchers_funding_known check (funded_by in ('platform', 'seller')),
    constraint vouchers_usage_limit_positive check (usage_limit > 0),
    constraint vouchers_per_user_limit_positive check (per_user_limit > 0),
    constraint vouchers_status_known check (status in ('active', 'paused', 'ended')),
    constraint vouchers_used_within_limit check (used_count between 0 and usage_limit),
    constraint vouchers_percentage_at_most_100 check (voucher_type <> 'percentage' or value <= 100),
    constraint vouchers_end_after_start check (ends_at > starts_at)
) comment 'Vouchers buyers can redeem. One row per voucher code.';

create table if not exists flash_sales (
    flash_sale_id bigint not null auto_increment primary key
        comment 'Identifier of the flash sale.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    sku_id bigint not null
        comment 'The SKU on sale.',
    campaign_id bigint
        comment 'Campaign the sale belongs to; null if none.',
    sale_price numeric(18, 2) not null
        comment 'Price of one piece during the sale, in the product''s currency.',
    quota integer not null
        comment 'Pieces that can be sold at this price.',
    sold_count integer not null default 0
        comment 'Pieces sold at this price in orders that are not cancelled; kept by rule from order_items.',
    starts_at timestamp(6) not null
        comment 'First moment of the sale.',
    ends_at timestamp(6) not null
        comment 'End of the sale, exclusive.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint flash_sales_external_id_key unique (external_id),
    key flash_sales_by_sku (sku_id),
    key flash_sales_by_campaign (campaign_id),
    constraint flash_sales_sku_id_fkey foreign key (sku_id) references product_skus (sku_id),
    constraint flash_sales_campaign_id_fkey foreign key (campaign_id) references campaigns (campaign_id),
    constraint flash_sales_price_not_negative check (sale_price >= 0),
    constraint flash_sales_quota_positive check (quota > 0),
    constraint flash_sales_sold_within_quota check (sold_count between 0 and quota),
    constraint flash_sales_end_after_start check (ends_at > starts_at)
) comment 'Flash sales. One row per SKU and sale: a price for a short time and a limited number of pieces.';
