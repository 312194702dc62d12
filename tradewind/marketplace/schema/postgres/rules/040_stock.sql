-- Stock: a ledger of lots that is only added to; inventory and product_skus.stock follow it.

create or replace function rules.movement_finds_its_lot() returns trigger
language plpgsql as $$
begin
    if new.movement_type in ('receipt', 'return', 'transfer_in') then
        new.lot_id := coalesce(new.lot_id, new.log_id);
    elsif new.lot_id is null then
        raise exception '% of SKU % needs the lot it takes from', new.movement_type, new.sku_id
            using errcode = 'not_null_violation', constraint = 'inventory_log_lot_given';
    end if;
    insert into inventory (sku_id, warehouse_id) values (new.sku_id, new.warehouse_id)
    on conflict (sku_id, warehouse_id) do nothing;
    -- Movements of one SKU in one warehouse queue here, so that each sees the others.
    perform from inventory
    where sku_id = new.sku_id and warehouse_id = new.warehouse_id
    for no key update;
    return new;
end
$$;

create or replace function rules.movement_changes_stock() returns trigger
language plpgsql as $$
declare
    left_in_lot bigint;
begin
    select sum(quantity_change) into left_in_lot from inventory_log where lot_id = new.lot_id;
    if left_in_lot < 0 then
        raise exception 'lot % of SKU % in warehouse % lacks % pieces',
            new.lot_id, new.sku_id, new.warehouse_id, -left_in_lot
            using errcode = 'check_violation', constraint = 'inventory_log_lot_not_overdrawn';
    end if;
    update inventory set quantity = quantity + new.quantity_change
    where sku_id = new.sku_id and warehouse_id = new.warehouse_id;
    update product_skus set stock = stock + new.quantity_change where sku_id = new.sku_id;
    return null;
end
$$;

create or replace function rules.location_is_unused() returns trigger
language plpgsql as $$
begin
    if exists (select from inventory_log where sku_id = old.sku_id and warehouse_id = old.warehouse_id) then
        raise exception 'SKU % in warehouse % has movements in inventory_log, so its stock cannot be deleted',
            old.sku_id, old.warehouse_id
            using errcode = 'check_violation', constraint = 'inventory_quantity_follows_ledger';
    end if;
    return old;
end
$$;

create or replace function rules.take_stock(
    from_sku_id bigint,
    from_warehouse_id bigint,
    wanted integer,
    for_order_item_id bigint default null,
    at_time timestamptz default now(),
    movement text default 'sale'
) returns integer
language plpgsql as $$
declare
    still_wanted integer := wanted;
    lot record;
begin
    if wanted <= 0 then
        raise exception 'take_stock needs a positive quantity, not %', wanted
            using errcode = 'invalid_parameter_value';
    end if;
    perform from inventory
    where sku_id = from_sku_id and warehouse_id = from_warehouse_id
    for no key update;
    for lot in
        select opened.log_id, opened.currency, opened.unit_cost, sum(moved.quantity_change)::integer as pieces
        from inventory_log as opened
        inner join inventory_log as moved on opened.log_id = moved.lot_id
        where opened.sku_id = from_sku_id
            and opened.warehouse_id = from_warehouse_id
            and opened.lot_id = opened.log_id
        group by opened.log_id, opened.currency, opened.unit_cost, opened.moved_at
        having sum(moved.quantity_change) > 0
        order by opened.moved_at, opened.log_id
    loop
        exit when still_wanted = 0;
        insert into inventory_log (
            sku_id, warehouse_id, lot_id, movement_type, quantity_change, currency, unit_cost, order_item_id, moved_at
        ) values (
            from_sku_id, from_warehouse_id, lot.log_id, movement, -least(lot.pieces, still_wanted),
            lot.currency, lot.unit_cost, for_order_item_id, at_time
        );
        still_wanted := still_wanted - least(lot.pieces, still_wanted);
    end loop;
    if still_wanted > 0 then
        raise exception 'SKU % in warehouse % lacks % of % pieces', from_sku_id, from_warehouse_id, still_wanted, wanted
            using errcode = 'check_violation', constraint = 'inventory_quantity_not_negative';
    end if;
    return wanted;
end
$$;

comment on function rules.take_stock(bigint, bigint, integer, bigint, timestamptz, text) is
    'Takes pieces from the oldest lots first and writes the ledger; all or nothing. Returns the pieces taken.';

drop trigger if exists finds_lot on inventory_log;
create trigger finds_lot before insert on inventory_log
for each row execute function rules.movement_finds_its_lot();

drop trigger if exists changes_stock on inventory_log;
create trigger changes_stock after insert on inventory_log
for each row execute function rules.movement_changes_stock();

drop trigger if exists ledger_is_only_added_to on inventory_log;
create trigger ledger_is_only_added_to before update or delete on inventory_log
for each row execute function rules.refuse('the ledger is only added to; add an adjustment');

drop trigger if exists quantity_follows_ledger_new on inventory;
create trigger quantity_follows_ledger_new before insert on inventory
for each row when (new.quantity <> 0 and pg_trigger_depth() = 0)
execute function rules.refuse('quantity follows inventory_log; add a movement there');

drop trigger if exists quantity_follows_ledger on inventory;
create trigger quantity_follows_ledger before update on inventory
for each row when (old.quantity <> new.quantity and pg_trigger_depth() = 0)
execute function rules.refuse('quantity follows inventory_log; add a movement there');

drop trigger if exists location_is_final on inventory;
create trigger location_is_final before update of sku_id, warehouse_id on inventory
for each row when (old.sku_id <> new.sku_id or old.warehouse_id <> new.warehouse_id)
execute function rules.refuse('stock moves by inventory_log; add transfer_out and transfer_in there');

drop trigger if exists location_has_no_ledger on inventory;
create trigger location_has_no_ledger before delete on inventory
for each row execute function rules.location_is_unused();

drop trigger if exists stock_follows_ledger_new on product_skus;
create trigger stock_follows_ledger_new before insert on product_skus
for each row when (new.stock <> 0 and pg_trigger_depth() = 0)
execute function rules.refuse('stock follows inventory_log; add a movement there');

drop trigger if exists stock_follows_ledger on product_skus;
create trigger stock_follows_ledger before update on product_skus
for each row when (old.stock <> new.stock and pg_trigger_depth() = 0)
execute function rules.refuse('stock follows inventory_log; add a movement there');
