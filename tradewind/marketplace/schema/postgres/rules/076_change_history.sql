-- History: each change of a price, contract or tier adds a row that holds from then on.

create or replace function rules.next_valid_from(latest timestamptz) returns timestamptz
language sql volatile as $$
    select greatest(clock_timestamp(), latest + interval '1 microsecond')
$$;

comment on function rules.next_valid_from(timestamptz) is
    'Now, or just after the latest row of a history where the server''s clock was set back.';

create or replace function rules.sku_price_is_recorded() returns trigger
language plpgsql as $$
begin
    insert into sku_price_history (sku_id, valid_from, price, cost)
    select new.sku_id, rules.next_valid_from(max(valid_from)), new.price, new.cost
    from sku_price_history
    where sku_id = new.sku_id;
    return null;
end
$$;

create or replace function rules.seller_contract_is_recorded() returns trigger
language plpgsql as $$
begin
    insert into seller_contract_history (seller_id, valid_from, tier, commission_rate)
    select new.seller_id, rules.next_valid_from(max(valid_from)), new.tier, new.commission_rate
    from seller_contract_history
    where seller_id = new.seller_id;
    return null;
end
$$;

create or replace function rules.customer_tier_is_recorded() returns trigger
language plpgsql as $$
begin
    insert into customer_tier_history (customer_id, valid_from, tier)
    select new.customer_id, rules.next_valid_from(max(valid_from)), new.tier
    from customer_tier_history
    where customer_id = new.customer_id;
    return null;
end
$$;

drop trigger if exists price_is_recorded_new on product_skus;
create trigger price_is_recorded_new after insert on product_skus
for each row execute function rules.sku_price_is_recorded();

drop trigger if exists price_is_recorded on product_skus;
create trigger price_is_recorded after update of price, cost on product_skus
for each row when ((old.price, old.cost) is distinct from (new.price, new.cost))
execute function rules.sku_price_is_recorded();

drop trigger if exists contract_is_recorded_new on sellers;
create trigger contract_is_recorded_new after insert on sellers
for each row execute function rules.seller_contract_is_recorded();

drop trigger if exists contract_is_recorded on sellers;
create trigger contract_is_recorded after update of tier, commission_rate on sellers
for each row when ((old.tier, old.commission_rate) is distinct from (new.tier, new.commission_rate))
execute function rules.seller_contract_is_recorded();

drop trigger if exists tier_is_recorded_new on customers;
create trigger tier_is_recorded_new after insert on customers
for each row execute function rules.customer_tier_is_recorded();

-- Not `update of tier`: a rule sets the tier, whatever columns the statement names.
drop trigger if exists tier_is_recorded on customers;
create trigger tier_is_recorded after update on customers
for each row when (old.tier <> new.tier) execute function rules.customer_tier_is_recorded();

drop trigger if exists history_is_written_by_rule on sku_price_history;
create trigger history_is_written_by_rule before insert or update or delete on sku_price_history
for each row when (pg_trigger_depth() = 0)
execute function rules.refuse('history follows product_skus; change that');

drop trigger if exists history_is_written_by_rule on seller_contract_history;
create trigger history_is_written_by_rule before insert or update or delete on seller_contract_history
for each row when (pg_trigger_depth() = 0)
execute function rules.refuse('history follows sellers; change that');

drop trigger if exists history_is_written_by_rule on customer_tier_history;
create trigger history_is_written_by_rule before insert or update or delete on customer_tier_history
for each row when (pg_trigger_depth() = 0)
execute function rules.refuse('history follows customers; change that');
