-- What the rules need to know, outside the captured schemas: thresholds and the order life cycle.

create schema rules;

comment on schema rules is 'Validation functions and their parameters; not captured.';

create table rules.order_transitions (
    from_status text not null,
    to_status text not null,
    primary key (from_status, to_status)
);

comment on table rules.order_transitions is
    'The order life cycle: one row per step an order may take. A new order starts as pending.';

insert into rules.order_transitions (from_status, to_status) values
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

create table rules.loyalty_tiers (
    tier text primary key,
    min_spend_amount numeric(18, 2) not null unique check (min_spend_amount >= 0),
    min_points bigint not null unique check (min_points >= 0)
);

comment on table rules.loyalty_tiers is
    'A customer has the highest tier whose spend (reporting currency) or points threshold is reached.';

insert into rules.loyalty_tiers (tier, min_spend_amount, min_points) values
('bronze', 0, 0),
('silver', 500, 1000),
('gold', 2000, 5000),
('platinum', 10000, 20000);
