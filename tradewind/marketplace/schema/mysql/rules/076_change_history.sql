-- History: each change of a price, contract or tier adds a row that holds from then on: from now, or from just after the
-- latest row where the server's clock was set back.

drop procedure if exists record_sku_price;

create procedure record_sku_price(in changed_sku_id bigint, in new_price numeric(18, 2), in new_cost numeric(18, 2))
sql security invoker
comment 'Adds a row of sku_price_history that holds from now on.'
begin
    declare is_nested boolean default is_by_rule();
    declare latest timestamp(6) default (select max(valid_from) from sku_price_history where sku_id = changed_sku_id);
    if not is_nested then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    end if;
    insert into sku_price_history (sku_id, valid_from, price, cost)
    values (changed_sku_id, greatest(sysdate(6), coalesce(latest + interval 1 microsecond, sysdate(6))), new_price, new_cost);
    if not is_nested then
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists sku_price_is_recorded_new;

create trigger sku_price_is_recorded_new after insert on product_skus for each row
begin
    if not is_bulk_load() then
        call record_sku_price(new.sku_id, new.price, new.cost);
    end if;
end;

drop trigger if exists sku_price_is_recorded;

create trigger sku_price_is_recorded after update on product_skus for each row
begin
    if not (new.price <=> old.price and new.cost <=> old.cost) and not is_bulk_load() then
        call record_sku_price(new.sku_id, new.price, new.cost);
    end if;
end;

drop trigger if exists sku_price_history_goes_along;

create trigger sku_price_history_goes_along before delete on product_skus for each row
begin
    if not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        delete from sku_price_history where sku_id = old.sku_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists sku_price_history_is_not_added_to;

create trigger sku_price_history_is_not_added_to before insert on sku_price_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows product_skus; change that');
    end if;
end;

drop trigger if exists sku_price_history_is_not_changed;

create trigger sku_price_history_is_not_changed before update on sku_price_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows product_skus; change that');
    end if;
end;

drop trigger if exists sku_price_history_is_not_deleted;

create trigger sku_price_history_is_not_deleted before delete on sku_price_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows product_skus; change that');
    end if;
end;

drop procedure if exists record_seller_contract;

create procedure record_seller_contract(in changed_seller_id bigint, in new_tier varchar(32), in new_commission_rate numeric(6, 4))
sql security invoker
comment 'Adds a row of seller_contract_history that holds from now on.'
begin
    declare is_nested boolean default is_by_rule();
    declare latest timestamp(6) default (select max(valid_from) from seller_contract_history where seller_id = changed_seller_id);
    if not is_nested then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    end if;
    insert into seller_contract_history (seller_id, valid_from, tier, commission_rate)
    values (changed_seller_id, greatest(sysdate(6), coalesce(latest + interval 1 microsecond, sysdate(6))), new_tier, new_commission_rate);
    if not is_nested then
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists seller_contract_is_recorded_new;

create trigger seller_contract_is_recorded_new after insert on sellers for each row
begin
    if not is_bulk_load() then
        call record_seller_contract(new.seller_id, new.tier, new.commission_rate);
    end if;
end;

drop trigger if exists seller_contract_is_recorded;

create trigger seller_contract_is_recorded after update on sellers for each row
begin
    if not (new.tier <=> old.tier and new.commission_rate <=> old.commission_rate) and not is_bulk_load() then
        call record_seller_contract(new.seller_id, new.tier, new.commission_rate);
    end if;
end;

drop trigger if exists seller_contract_history_goes_along;

create trigger seller_contract_history_goes_along before delete on sellers for each row
begin
    if not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        delete from seller_contract_history where seller_id = old.seller_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists seller_contract_history_is_not_added_to;

create trigger seller_contract_history_is_not_added_to before insert on seller_contract_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows sellers; change that');
    end if;
end;

drop trigger if exists seller_contract_history_is_not_changed;

create trigger seller_contract_history_is_not_changed before update on seller_contract_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows sellers; change that');
    end if;
end;

drop trigger if exists seller_contract_history_is_not_deleted;

create trigger seller_contract_history_is_not_deleted before delete on seller_contract_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows sellers; change that');
    end if;
end;

drop procedure if exists record_customer_tier;

create procedure record_customer_tier(in changed_customer_id bigint, in new_tier varchar(32))
sql security invoker
comment 'Adds a row of customer_tier_history that holds from now on.'
begin
    declare is_nested boolean default is_by_rule();
    declare latest timestamp(6) default (select max(valid_from) from customer_tier_history where customer_id = changed_customer_id);
    if not is_nested then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    end if;
    insert into customer_tier_history (customer_id, valid_from, tier)
    values (changed_customer_id, greatest(sysdate(6), coalesce(latest + interval 1 microsecond, sysdate(6))), new_tier);
    if not is_nested then
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists customer_tier_is_recorded_new;

create trigger customer_tier_is_recorded_new after insert on customers for each row
begin
    if not is_bulk_load() then
        call record_customer_tier(new.customer_id, new.tier);
    end if;
end;

drop trigger if exists customer_tier_is_recorded;

create trigger customer_tier_is_recorded after update on customers for each row
begin
    if not (new.tier <=> old.tier) and not is_bulk_load() then
        call record_customer_tier(new.customer_id, new.tier);
    end if;
end;

drop trigger if exists customer_tier_history_goes_along;

create trigger customer_tier_history_goes_along before delete on customers for each row
begin
    if not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        delete from customer_tier_history where customer_id = old.customer_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists customer_tier_history_is_not_added_to;

create trigger customer_tier_history_is_not_added_to before insert on customer_tier_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows customers; change that');
    end if;
end;

drop trigger if exists customer_tier_history_is_not_changed;

create trigger customer_tier_history_is_not_changed before update on customer_tier_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows customers; change that');
    end if;
end;

drop trigger if exists customer_tier_history_is_not_deleted;

create trigger customer_tier_history_is_not_deleted before delete on customer_tier_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows customers; change that');
    end if;
end;
