-- Who paid whom for what: payouts by payment gateways, by marketplaces, and by the platform to its sellers.

create table if not exists payouts (
    payout_id bigint not null auto_increment primary key
        comment 'Identifier of the payout.',
    external_id varchar(255)
        comment 'Identifier in the payer''s statement; null if created here.',
    payer_type varchar(32) not null
        comment 'Who pays: gateway (money of captured payments), marketplace (money of orders it settled) or platform (to a seller).',
    payer varchar(255) not null
        comment 'The payer: the gateway (as in payments.gateway), the marketplace (as in orders.channel), or platform.',
    seller_id bigint
        comment 'The seller that is paid; null if the platform is paid.',
    status varchar(32) not null default 'pending'
        comment 'State: pending (announced) or paid.',
    currency varchar(32) not null
        comment 'Currency of the amounts, ISO 4217; always that of its orders.',
    gross_amount numeric(18, 2) not null
        comment 'Sum of its lines'' gross amounts, in `currency`; negative where more is taken back than paid.',
    fee_amount numeric(18, 2) not null
        comment 'Sum of its lines'' fees (payment fees or commission), in `currency`.',
    net_amount numeric(18, 2) not null
        comment 'Money transferred: gross less fees, in `currency`; negative: the payee owes it.',
    period_starts_at timestamp(6) not null
        comment 'Start of the time whose sales and refunds it settles.',
    period_ends_at timestamp(6) not null
        comment 'End of that time, exclusive.',
    paid_at timestamp(6) null
        comment 'When the money was transferred; null before that.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint payouts_external_id_key unique (external_id),
    key payouts_by_seller (seller_id),
    constraint payouts_seller_id_fkey foreign key (seller_id) references sellers (seller_id),
    constraint payouts_payer_type_known check (payer_type in ('gateway', 'marketplace', 'platform')),
    constraint payouts_status_known check (status in ('pending', 'paid')),
    constraint payouts_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint payouts_net_adds_up check (net_amount = gross_amount - fee_amount),
    constraint payouts_paid_has_time check ((status = 'paid') = (paid_at is not null)),
    constraint payouts_period_ends_after_start check (period_ends_at > period_starts_at),
    constraint payouts_seller_is_paid_by_platform check ((payer_type = 'platform') = (seller_id is not null))
) comment 'Payouts. One row per transfer: from a payment gateway or a marketplace to the platform, or from the platform to a seller.';

create table if not exists payout_lines (
    payout_line_id bigint not null auto_increment primary key
        comment 'Identifier of the line.',
    external_id varchar(255)
        comment 'Identifier in the payer''s statement; null if created here.',
    payout_id bigint not null
        comment 'The payout.',
    order_id bigint not null
        comment 'The order it is for.',
    order_item_id bigint
        comment 'The order line a seller is paid for; null in payouts to the platform.',
    payment_id bigint
        comment 'The payment a gateway pays out or takes back; null in other payouts.',
    return_id bigint
        comment 'The return whose refund is taken back; null otherwise.',
    line_type varchar(32) not null
        comment 'What for: sale (positive), refund (to the buyer, negative) or chargeback (by the card''s issuer, negative).',
    gross_amount numeric(18, 2) not null
        comment 'Money before fees; negative for refunds and chargebacks.',
    fee_amount numeric(18, 2) not null
        comment 'What the payer keeps: payment fee, marketplace fee or commission; negative where it is given back.',
    net_amount numeric(18, 2) not null
        comment 'Gross less fee.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint payout_lines_external_id_key unique (external_id),
    key payout_lines_by_payout (payout_id),
    key payout_lines_by_order (order_id),
    key payout_lines_by_item (order_item_id),
    key payout_lines_by_payment (payment_id),
    key payout_lines_by_return (return_id),
    constraint payout_lines_payout_id_fkey foreign key (payout_id) references payouts (payout_id),
    constraint payout_lines_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint payout_lines_order_item_id_fkey foreign key (order_item_id) references order_items (order_item_id),
    constraint payout_lines_payment_id_fkey foreign key (payment_id) references payments (payment_id),
    constraint payout_lines_return_id_fkey foreign key (return_id) references order_returns (return_id),
    constraint payout_lines_type_known check (line_type in ('sale', 'refund', 'chargeback')),
    constraint payout_lines_net_adds_up check (net_amount = gross_amount - fee_amount),
    constraint payout_lines_sign_fits_type check (
        (line_type = 'sale' and gross_amount >= 0) or (line_type <> 'sale' and gross_amount <= 0)
    )
) comment 'What payouts are for. One row per payout and sale, refund or chargeback; amounts are in the payout''s currency.';
