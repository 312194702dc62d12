-- Loyalty: spend follows delivered orders, the tier follows spend and points.

do $$
begin
    if not exists (select from pg_type where typname = 'rate_key' and typnamespace = 'rules'::regnamespace) then
        create type rules.rate_key as (currency text, rate_date date);
    end if;
end
$$;

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
    gone numeric;
    come numeric;
begin
    if 'delivered' not in (old.status, coalesce(new.status, 'none')) then
        return null;
    end if;
    -- Exchange rates stay as they are until this transaction ends (see rules.rates_change).
    perform pg_advisory_xact_lock_shared(7240034);
    gone := coalesce(rules.order_counts_for_loyalty(old), 0);
    come := coalesce(rules.order_counts_for_loyalty(new), 0);
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

create or replace function rules.rates_change() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7240034);
    return null;
end
$$;

comment on function rules.rates_change() is
    'Waits for transactions that count orders at the present exchange rates; those that follow wait for this one.';

create or replace function rules.spend_follows_rates() returns trigger
language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform rules.recount_spend(array(select (currency, rate_date)::rules.rate_key from changed_rates));
    elsif tg_op = 'DELETE' then
        perform rules.recount_spend(array(select (currency, rate_date)::rules.rate_key from former_rates));
    else
        perform rules.recount_spend(array(
            select (currency, rate_date)::rules.rate_key from changed_rates
            union
            select (currency, rate_date)::rules.rate_key from former_rates
        ));
    end if;
    return null;
end
$$;

create or replace function rules.recount_spend(rates rules.rate_key []) returns void
language plpgsql as $$
declare
    affected bigint [];
begin
    -- Delivered orders whose rate is, or was, one of these: no later rate up to the order's day.
    select array_agg(distinct orders.customer_id order by orders.customer_id) into affected
    from unnest(rates) as changed
    inner join orders
        on changed.currency = orders.currency
        and orders.ordered_at >= (changed.rate_date::timestamp at time zone 'UTC')
    where orders.status = 'delivered'
        and not exists (
            select from fx_rates as later
            where later.currency = changed.currency
                and later.rate_date > changed.rate_date
                and later.rate_date <= (orders.ordered_at at time zone 'UTC')::date
        );
    perform from customers where customer_id = any(affected) order by customer_id for no key update;
    update customers set lifetime_spend_amount = spent.amount
    from (
        select orders.customer_id, sum(rules.order_counts_for_loyalty(orders)) as amount
        from orders
        where orders.customer_id = any(affected) and orders.status = 'delivered'
        group by orders.customer_id
    ) as spent
    where customers.customer_id = spent.customer_id and customers.lifetime_spend_amount <> spent.amount;
end
$$;

comment on function rules.recount_spend(rules.rate_key []) is
    'Counts the spend of customers anew whose delivered orders are converted at one of these rates.';

create or replace function rules.tiers_follow_thresholds() returns trigger
language plpgsql as $$
begin
    update customers set tier = rules.loyalty_tier(lifetime_spend_amount, loyalty_points)
    where tier <> rules.loyalty_tier(lifetime_spend_amount, loyalty_points);
    return null;
end
$$;

drop trigger if exists rates_change on fx_rates;
create trigger rates_change before insert or update or delete on fx_rates
for each statement execute function rules.rates_change();

drop trigger if exists spend_follows_new_rates on fx_rates;
create trigger spend_follows_new_rates after insert on fx_rates
referencing new table as changed_rates
for each statement execute function rules.spend_follows_rates();

drop trigger if exists spend_follows_changed_rates on fx_rates;
create trigger spend_follows_changed_rates after update on fx_rates
referencing old table as former_rates new table as changed_rates
for each statement execute function rules.spend_follows_rates();

drop trigger if exists spend_follows_deleted_rates on fx_rates;
create trigger spend_follows_deleted_rates after delete on fx_rates
referencing old table as former_rates
for each statement execute function rules.spend_follows_rates();

drop trigger if exists tiers_follow on rules.loyalty_tiers;
create trigger tiers_follow after insert or update or delete on rules.loyalty_tiers
for each statement execute function rules.tiers_follow_thresholds();

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
