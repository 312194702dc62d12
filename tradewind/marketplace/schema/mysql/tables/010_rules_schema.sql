-- What the rules need to know, outside the captured databases: thresholds, the order life cycle, who may pass.
-- Text is compared byte by byte in every table and routine, as PostgreSQL does.

alter database character set utf8mb4 collate utf8mb4_bin;

create database if not exists rules character set utf8mb4 collate utf8mb4_bin;

create table if not exists rules.order_transitions (
    from_status varchar(32) not null,
    to_status varchar(32) not null,
    primary key (from_status, to_status)
) comment 'The order life cycle: one row per step an order may take. A new order starts as pending.';

insert ignore into rules.order_transitions (from_status, to_status) values
('pending', 'confirmed'),
('pending', 'cancelled'),
('confirmed', 'paid'),
('confirmed', 'cancelled'),
('paid', 'packed'),
('paid', 'cancelled'),
('packed', 'shipped'),
('packed', 'cancelled'),
('shipped', 'delivered'),
('shipped', 'cancelled'),
('delivered', 'returned');

create table if not exists rules.loyalty_tiers (
    tier varchar(32) not null primary key,
    min_spend_amount numeric(18, 2) not null,
    min_points bigint not null,
    constraint loyalty_tiers_min_spend_amount_key unique (min_spend_amount),
    constraint loyalty_tiers_min_points_key unique (min_points),
    constraint loyalty_tiers_min_spend_not_negative check (min_spend_amount >= 0),
    constraint loyalty_tiers_min_points_not_negative check (min_points >= 0)
) comment 'A customer has the highest tier whose spend (reporting currency) or points threshold is reached.';

insert ignore into rules.loyalty_tiers (tier, min_spend_amount, min_points) values
('bronze', 0, 0),
('silver', 500, 1000),
('gold', 2000, 5000),
('platinum', 10000, 20000);

create table if not exists rules.writers (
    connection_id bigint unsigned not null primary key,
    is_bulk_load boolean not null
) comment 'Connections that write what follows from other rows: a rule while it does, or a bulk load in its transaction. Only the owner can enter one.';

create table if not exists rules.log_ids (
    log_id bigint not null auto_increment primary key
) comment 'Gives inventory_log its identifiers; holds no rows.';
