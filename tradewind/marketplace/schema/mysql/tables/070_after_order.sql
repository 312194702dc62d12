-- What follows an order: payments, shipments, returns, reviews, voucher redemptions.

create table if not exists payments (
    payment_id bigint not null auto_increment primary key
        comment 'Identifier of the payment.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    order_id bigint not null
        comment 'The order paid for.',
    sequence_number integer not null
        comment 'Position among the order''s payments, from 1.',
    method varchar(32) not null
        comment 'Means of payment: credit_card, debit_card, bank_transfer, e_wallet, cash_on_delivery, boleto (Brazil), voucher or unknown.',
    gateway varchar(255)
        comment 'Payment service that handled it; null if not known.',
    status varchar(32) not null default 'pending'
        comment 'State: pending, authorized, captured (money received), failed or voided.',
    currency varchar(32) not null
        comment 'Currency of the amount, ISO 4217; always the order''s.',
    amount numeric(18, 2) not null
        comment 'Money paid or attempted, in `currency`; instalment interest included.',
    fee_amount numeric(18, 2)
        comment 'What the payment service kept, in `currency`; null if not known.',
    installment_count integer not null default 1
        comment 'Number of instalments the buyer chose; 1 for a single payment.',
    card_country varchar(255)
        comment 'Country that issued the card, ISO 3166-1 alpha-2; null if not a card or not known.',
    failure_reason varchar(255)
        comment 'Why it failed; null otherwise.',
    attempted_at timestamp(6) not null
        comment 'When the buyer tried to pay.',
    captured_at timestamp(6) null
        comment 'When the money was received; null before that or if not known.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint payments_external_id_key unique (external_id),
    constraint payments_sequence_unique unique (order_id, sequence_number),
    constraint payments_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint payments_sequence_positive check (sequence_number > 0),
    constraint payments_method_known check (
        method in ('credit_card', 'debit_card', 'bank_transfer', 'e_wallet', 'cash_on_delivery', 'boleto', 'voucher', 'unknown')
    ),
    constraint payments_status_known check (status in ('pending', 'authorized', 'captured', 'failed', 'voided')),
    constraint payments_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint payments_amount_not_negative check (amount >= 0),
    constraint payments_fee_not_negative check (fee_amount >= 0),
    constraint payments_installments_positive check (installment_count > 0)
) comment 'Payments and attempts to pay. One row per order and payment.';

create table if not exists shipments (
    shipment_id bigint not null auto_increment primary key
        comment 'Identifier of the parcel.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    order_id bigint not null
        comment 'The order it belongs to.',
    warehouse_id bigint
        comment 'Warehouse that shipped it; null where the seller ships or it is not known.',
    tracking_no varchar(255)
        comment 'Tracking number of the carrier; null if not known.',
    carrier varchar(255)
        comment 'Carrier; null if not known.',
    status varchar(32) not null default 'pending'
        comment 'State: pending, picked_up, in_transit, delivered, failed or returned.',
    currency varchar(32) not null
        comment 'Currency of the cost, ISO 4217.',
    cost_amount numeric(18, 2)
        comment 'What the carrier charges us, in `currency`; null if not known.',
    shipped_at timestamp(6) null
        comment 'When the carrier took it; null before that or if not known.',
    estimated_delivery_at timestamp(6) null
        comment 'Delivery time promised; null if none was.',
    delivered_at timestamp(6) null
        comment 'When it was delivered; null before that or if not known.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint shipments_external_id_key unique (external_id),
    constraint shipments_tracking_no_key unique (tracking_no),
    key shipments_by_order (order_id),
    key shipments_by_warehouse (warehouse_id),
    constraint shipments_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint shipments_warehouse_id_fkey foreign key (warehouse_id) references warehouses (warehouse_id),
    constraint shipments_status_known check (
        status in ('pending', 'picked_up', 'in_transit', 'delivered', 'failed', 'returned')
    ),
    constraint shipments_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint shipments_cost_not_negative check (cost_amount >= 0)
) comment 'Parcels. One row per parcel handed, or to be handed, to a carrier.';

create table if not exists order_returns (
    return_id bigint not null auto_increment primary key
        comment 'Identifier of the return.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    order_id bigint not null
        comment 'The order goods come back from.',
    order_item_id bigint
        comment 'The line that comes back; null for the whole order.',
    status varchar(32) not null default 'requested'
        comment 'State: requested, approved, rejected, received (goods are back) or refunded (money is back).',
    reason varchar(32) not null
        comment 'Why: defective, wrong_item, not_as_described, late, changed_mind or other.',
    quantity integer not null default 1
        comment 'Pieces that come back.',
    currency varchar(32) not null
        comment 'Currency of the refund, ISO 4217; always the order''s.',
    refund_amount numeric(18, 2) not null default 0
        comment 'Money to be given back, in `currency`; all refunds of an order that are not rejected never exceed what was captured.',
    requested_at timestamp(6) not null
        comment 'When the buyer asked for it.',
    received_at timestamp(6) null
        comment 'When the goods were back; null before that.',
    refunded_at timestamp(6) null
        comment 'When the money was given back; null before that.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint order_returns_external_id_key unique (external_id),
    key order_returns_by_order (order_id),
    key order_returns_by_item (order_item_id),
    constraint order_returns_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint order_returns_order_item_id_fkey foreign key (order_item_id) references order_items (order_item_id),
    constraint order_returns_status_known check (
        status in ('requested', 'approved', 'rejected', 'received', 'refunded')
    ),
    constraint order_returns_reason_known check (
        reason in ('defective', 'wrong_item', 'not_as_described', 'late', 'changed_mind', 'other')
    ),
    constraint order_returns_quantity_positive check (quantity > 0),
    constraint order_returns_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint order_returns_refund_not_negative check (refund_amount >= 0),
    constraint order_returns_refunded_has_time check ((status = 'refunded') = (refunded_at is not null))
) comment 'Returns and refunds. One row per return request.';

create table if not exists reviews (
    review_id bigint not null auto_increment primary key
        comment 'Identifier of the review.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from, unique within an order; null if created here.',
    order_id bigint not null
        comment 'The order reviewed.',
    user_id bigint not null
        comment 'The account that wrote it.',
    product_id bigint
        comment 'The product reviewed; null where the review is of an order of several products.',
    rating smallint not null
        comment 'Stars, 1 (worst) to 5.',
    title varchar(255)
        comment 'Heading; null if none.',
    content mediumtext
        comment 'Text of the review; null if none. Personal data.',
    helpful_count integer not null default 0
        comment 'How many users found it helpful.',
    reviewed_at timestamp(6) not null
        comment 'When it was written (imported data: when the survey was sent).',
    answered_at timestamp(6) null
        comment 'When the survey was answered; null if it was no survey or is not known.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint reviews_imported_once_per_order unique (order_id, external_id),
    key reviews_by_user (user_id),
    key reviews_by_product (product_id),
    constraint reviews_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint reviews_user_id_fkey foreign key (user_id) references users (user_id),
    constraint reviews_product_id_fkey foreign key (product_id) references products (product_id),
    constraint reviews_rating_in_range check (rating between 1 and 5),
    constraint reviews_helpful_count_not_negative check (helpful_count >= 0)
) comment 'Ratings and reviews by buyers. One row per review of an order or of a product in it.';

create table if not exists voucher_redemptions (
    redemption_id bigint not null auto_increment primary key
        comment 'Identifier of the redemption.',
    voucher_id bigint not null
        comment 'The voucher.',
    order_id bigint not null
        comment 'The order it was used on.',
    user_id bigint not null
        comment 'The account that used it; always the order''s.',
    currency varchar(32) not null
        comment 'Currency of the discount, ISO 4217; always the order''s and the voucher''s.',
    discount_amount numeric(18, 2) not null
        comment 'Discount it gave on the order, in `currency`; also contained in the items'' discounts.',
    redeemed_at timestamp(6) not null
        comment 'When it was used.',
    released_at timestamp(6) null
        comment 'When the use was given back because the order was cancelled; null while it counts against the limits.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint voucher_redemptions_once_per_order unique (voucher_id, order_id),
    key voucher_redemptions_by_order (order_id),
    key voucher_redemptions_by_user (user_id, voucher_id),
    constraint voucher_redemptions_voucher_id_fkey foreign key (voucher_id) references vouchers (voucher_id),
    constraint voucher_redemptions_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint voucher_redemptions_user_id_fkey foreign key (user_id) references users (user_id),
    constraint voucher_redemptions_currency_is_iso check (
        char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'
    ),
    constraint voucher_redemptions_discount_not_negative check (discount_amount >= 0)
) comment 'Uses of vouchers. One row per voucher and order.';
