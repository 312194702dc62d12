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

drop trigger if exists changes_spend;

create trigger changes_spend after update on orders for each row
begin
    declare gone, come numeric(18, 2);
    if (old.status = 'delivered' or new.status = 'delivered') and not is_bulk_load() then
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
    if not is_bulk_load() then
        call add_spend(
            old.customer_id,
            -order_counts_for_loyalty(old.status, old.is_test, old.total_amount, old.currency, old.ordered_at)
        );
    end if;
end;
