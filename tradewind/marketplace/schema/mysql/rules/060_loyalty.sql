-- Loyalty: spend follows delivered orders, the tier follows spend and points.

drop function if exists loyalty_tier;

create function loyalty_tier(spend_amount numeric(18, 2), points bigint) returns varchar(32)
reads sql data
comment 'The highest tier whose spend threshold (reporting currency) or points threshold is reached.'
return (
    select tier
    from rules.loyalty_tiers
    where spend_amount >= min_spend_amount or points >= min_points
    order by min_spend_amount desc
    limit 1
);

drop function if exists order_counts_for_loyalty;

create function order_counts_for_loyalty(
    order_status varchar(32),
    order_is_test boolean,
    total numeric(18, 2),
    order_currency varchar(32),
    order_time datetime(6)
) returns numeric(18, 2)
reads sql data
comment 'What an order adds to its customer''s spend.'
begin
    if order_status = 'delivered' and not order_is_test then
        return in_reporting_currency(total, order_currency, order_time);
    end if;
    return 0;
end;

drop trigger if exists tier_follows_new;

create trigger tier_follows_new before insert on customers for each row
begin
    if not is_bulk_load() then
        set new.tier = loyalty_tier(new.lifetime_spend_amount, new.loyalty_points);
    end if;
end;

drop trigger if exists tier_follows;

create trigger tier_follows before update on customers for each row
begin
    if not is_bulk_load() then
        set new.tier = loyalty_tier(new.lifetime_spend_amount, new.loyalty_points);
    end if;
end;

drop procedure if exists follow_thresholds;

create procedure follow_thresholds()
comment 'Gives every customer the tier that the present thresholds give.'
begin
    update customers set loyalty_points = loyalty_points
    where tier <> loyalty_tier(lifetime_spend_amount, loyalty_points);
end;

drop trigger if exists spend_follows_orders_new;

create trigger spend_follows_orders_new before insert on customers for each row
begin
    if new.lifetime_spend_amount <> 0 and not is_by_rule() then
        call refuse('spend_follows_orders_new', 'lifetime_spend_amount follows delivered orders');
    end if;
end;

drop trigger if exists spend_follows_orders;

create trigger spend_follows_orders before update on customers for each row
begin
    if new.lifetime_spend_amount <> old.lifetime_spend_amount and not is_by_rule() then
        call refuse('spend_follows_orders', 'lifetime_spend_amount follows delivered orders');
    end if;
end;

drop procedure if exists add_spend;

create procedure add_spend(in to_customer_id bigint, in amount numeric(18, 2))
sql security invoker
comment 'Adds to a customer''s spend, or takes away.'
begin
    if amount <> 0 then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update customers set lifetime_spend_amount = lifetime_spend_amount + amount
        where customer_id = to_customer_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop procedure if exists keep_rates;

create procedure keep_rates()
comment 'Exchange rates stay as they are until this transaction ends.'
begin
    declare locked tinyint;
    select lock_id into locked from rules.rate_lock where lock_id = 1 lock in share mode;
end;

drop procedure if exists recount_spend;

create procedure recount_spend(in changed_currency varchar(32), in changed_date date)
sql security invoker
comment 'Counts the spend of customers anew whose delivered orders are converted at this rate, or were.'
begin
    declare locked tinyint;
    declare later date;
    -- Waits for transactions that count orders at the present rates; those that follow wait for this one.
    select lock_id into locked from rules.rate_lock where lock_id = 1 for update;
    set later = (
        select min(rate_date) from fx_rates where currency = changed_currency and rate_date > changed_date
    );
    insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    update customers
    inner join (
        select
            orders.customer_id,
            sum(order_counts_for_loyalty(status, is_test, total_amount, currency, ordered_at)) as amount
        from orders
        inner join (
            select distinct customer_id from orders
            where currency = changed_currency
                and status = 'delivered'
                and ordered_at >= timestamp(changed_date) - interval 1 day
                and utc_day(ordered_at) >= changed_date
                and (later is null or utc_day(ordered_at) < later)
        ) as affected on orders.customer_id = affected.customer_id
        where status = 'delivered'
        group by orders.customer_id
    ) as spent on customers.customer_id = spent.customer_id
    set customers.lifetime_spend_amount = spent.amount
    where customers.lifetime_spend_amount <> spent.amount;
    delete from rules.writers where connection_id = connection_id();
end;

drop trigger if exists spend_follows_new_rate;

create trigger spend_follows_new_rate after insert on fx_rates for each row
begin
    if not is_bulk_load() then
        call recount_spend(new.currency, new.rate_date);
    end if;
end;

drop trigger if exists spend_follows_changed_rate;

create trigger spend_follows_changed_rate after update on fx_rates for each row
begin
    if not is_bulk_load() then
        call recount_spend(new.currency, new.rate_date);
        if (new.currency, new.rate_date) <> (old.currency, old.rate_date) then
            call recount_spend(old.currency, old.rate_date);
        end if;
    end if;
end;

drop trigger if exists spend_follows_deleted_rate;

create trigger spend_follows_deleted_rate after delete on fx_rates for each row
begin
    if not is_bulk_load() then
        call recount_spend(old.currency, old.rate_date);
    end if;
end;

drop trigger if exists changes_spend;

create trigger changes_spend after update on orders for each row
begin
    declare gone, come numeric(18, 2);
    if (old.status = 'delivered' or new.status = 'delivered') and not is_bulk_load() then
        call keep_rates();
        set gone = order_counts_for_loyalty(
            old.status, old.is_test, old.total_amount, old.currency, old.ordered_at
        );
        set come = order_counts_for_loyalty(
            new.status, new.is_test, new.total_amount, new.currency, new.ordered_at
        );
        if old.customer_id = new.customer_id then
            call add_spend(new.customer_id, come - gone);
        else
            call add_spend(old.customer_id, -gone);
            call add_spend(new.customer_id, come);
        end if;
    end if;
end;

drop trigger if exists takes_spend_along;

create trigger takes_spend_along after delete on orders for each row
begin
    if old.status = 'delivered' and not is_bulk_load() then
        call keep_rates();
        call add_spend(
            old.customer_id,
            -order_counts_for_loyalty(old.status, old.is_test, old.total_amount, old.currency, old.ordered_at)
        );
    end if;
end;

drop trigger if exists rules.tiers_follow_insert;

create trigger rules.tiers_follow_insert after insert on rules.loyalty_tiers for each row
begin
    call ecomm.follow_thresholds();
end;

drop trigger if exists rules.tiers_follow_update;

create trigger rules.tiers_follow_update after update on rules.loyalty_tiers for each row
begin
    call ecomm.follow_thresholds();
end;

drop trigger if exists rules.tiers_follow_delete;

create trigger rules.tiers_follow_delete after delete on rules.loyalty_tiers for each row
begin
    call ecomm.follow_thresholds();
end;
