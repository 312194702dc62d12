-- What the simulator knows and nobody else may: which orders, payments and sessions belong to an attack.
-- Not captured and not readable by the capture's account, so that a model can be scored by it and cannot peek.

create database if not exists labels character set utf8mb4 collate utf8mb4_bin;

create table if not exists labels.attacks (
    attack_id bigint not null auto_increment primary key
        comment 'Identifier of the attack.',
    attack_kind varchar(32) not null
        comment 'velocity (many cards, one device), stolen_card (used far from its owner), account_takeover (old account, new device), voucher_abuse (a ring of new accounts) or return_abuse (everything goes back).',
    started_at timestamp(6) not null
        comment 'When its first order was placed.',
    ended_at timestamp(6) not null
        comment 'When its last order was placed.',
    labelled_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    constraint attacks_kind_known check (
        attack_kind in ('velocity', 'stolen_card', 'account_takeover', 'voucher_abuse', 'return_abuse')
    ),
    constraint attacks_end_after_start check (ended_at >= started_at)
) comment 'Simulated attacks. One row per attack.';

create table if not exists labels.fraud_labels (
    label_id bigint not null auto_increment primary key
        comment 'Identifier of the label.',
    attack_id bigint not null
        comment 'The attack.',
    order_id bigint
        comment 'The order it placed; null where it came to none.',
    user_id bigint
        comment 'The account it used: the attacker''s own or a victim''s.',
    session_id varchar(255)
        comment 'The session it came in; null if not known.',
    payment_id bigint
        comment 'The order''s first payment; null where there was none.',
    labelled_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    key fraud_labels_by_attack (attack_id),
    key fraud_labels_by_order (order_id),
    key fraud_labels_by_user (user_id),
    key fraud_labels_by_payment (payment_id),
    constraint fraud_labels_attack_id_fkey foreign key (attack_id)
        references labels.attacks (attack_id) on delete cascade,
    constraint fraud_labels_order_id_fkey foreign key (order_id) references ecomm.orders (order_id) on delete cascade,
    constraint fraud_labels_user_id_fkey foreign key (user_id) references ecomm.users (user_id) on delete cascade,
    constraint fraud_labels_payment_id_fkey foreign key (payment_id)
        references ecomm.payments (payment_id) on delete cascade
) comment 'What an attack left behind. One row per order of an attack.';

-- A trigger, because MySQL allows no check of a column that a foreign key acts on.
drop trigger if exists labels.fraud_labels_mark_something;

create trigger labels.fraud_labels_mark_something before insert on labels.fraud_labels for each row
begin
    if coalesce(new.order_id, new.user_id, new.session_id, new.payment_id) is null then
        signal sqlstate '23514' set message_text = 'fraud_labels_mark_something: a label needs what it marks';
    end if;
end;
