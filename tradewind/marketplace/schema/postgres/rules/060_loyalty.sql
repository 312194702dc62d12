-- Loyalty: spend follows delivered orders, the tier follows spend and points.

create or replace function rules.loyalty_tier(spend_amount numeric, points bigint) returns text
language sql stable as $$
    select tier
    from rules.loyalty_tiers
    where spend_amount >= min_spend_amount or points >= min_points
    order by min_spend_amount desc
    limit 1
$$;

comment on function rules.loyalty_tier(numeric, bigint) is
    'The highest tier whose spend threshold (reporting currency) or points threshold is reached.';

create or replace function rules.customer_gets_tier() returns trigger
language plpgsql as $$
begin
    new.tier := rules.loyalty_tier(new.lifetime_spend_amount, new.loyalty_points);
    return new;
end
$$;

create or replace function rules.order_counts_for_loyalty(counted orders) returns numeric
language sql stable as $$
    select case
        when (counted).status = 'delivered' and not (counted).is_test
            then rules.in_reporting_currency((counted).total_amount, (counted).currency, (counted).ordered_at)
        else 0
    end
$$;

create or replace function rules.order_changes_spend() returns trigger
language plpgsql as $$
declare
    gone numeric := coalesce(rules.order_counts_for_loyalty(old), 0);
    come numeric := coalesce(rules.order_counts_for_loyalty(new), 0);
begin
    if old.customer_id = new.customer_id and gone = come then
        return null;
    end if;
    update customers
    set lifetime_spend_amount = lifetime_spend_amount
        + case when customer_id = new.customer_id then come else 0 end
        - case when customer_id = old.customer_id then gone else 0 end
    where customer_id in (old.customer_id, new.customer_id);
    return null;
end
$$;

drop trigger if exists tier_follows on customers;
create trigger tier_follows before insert or update on customers
for each row execute function rules.customer_gets_tier();

drop trigger if exists spend_follows_orders_new on customers;
create trigger spend_follows_orders_new before insert on customers
for each row when (new.lifetime_spend_amount <> 0 and pg_trigger_depth() = 0)
execute function rules.refuse('lifetime_spend_amount follows delivered orders');

drop trigger if exists spend_follows_orders on customers;
create trigger spend_follows_orders before update on customers
for each row when (old.lifetime_spend_amount <> new.lifetime_spend_amount and pg_trigger_depth() = 0)
execute function rules.refuse('lifetime_spend_amount follows delivered orders');

drop trigger if exists changes_spend on orders;
create trigger changes_spend
after update of status, total_amount, currency, ordered_at, is_test, customer_id or delete on orders
for each row execute function rules.order_changes_spend();
