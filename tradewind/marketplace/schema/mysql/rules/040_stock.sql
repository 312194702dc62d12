-- Stock: a ledger of lots that is only added to; inventory and product_skus.stock follow it.

drop trigger if exists finds_lot;

create trigger finds_lot before insert on inventory_log for each row
begin
    declare locked_sku_id bigint;
    if not is_bulk_load() then
        insert into rules.log_ids (log_id) values (nullif(new.log_id, 0));
        set new.log_id = coalesce(nullif(new.log_id, 0), last_insert_id());
        delete from rules.log_ids where log_id = new.log_id;
        if new.movement_type in ('receipt', 'return', 'transfer_in') then
            set new.lot_id = coalesce(nullif(new.lot_id, 0), new.log_id);
        elseif coalesce(new.lot_id, 0) = 0 then
            call refuse('inventory_log_lot_given', concat(
                new.movement_type, ' of SKU ', new.sku_id, ' needs the lot it takes from'
            ));
        end if;
        -- Locked for writing before foreign keys lock it for reading: two movements of one SKU would block each other.
        select sku_id into locked_sku_id from product_skus where sku_id = new.sku_id for update;
        -- Movements of one SKU in one warehouse queue at its row, so that each sees the others.
        insert into inventory (sku_id, warehouse_id) values (new.sku_id, new.warehouse_id)
        on duplicate key update quantity = quantity;
    end if;
end;

drop trigger if exists changes_stock;

create trigger changes_stock after insert on inventory_log for each row
begin
    declare left_in_lot bigint;
    if not is_bulk_load() then
        select sum(quantity_change) into left_in_lot
        from inventory_log
        where lot_id = new.lot_id
        lock in share mode;
        if left_in_lot < 0 then
            call refuse('inventory_log_lot_not_overdrawn', concat(
                'lot ', new.lot_id, ' of SKU ', new.sku_id, ' in warehouse ', new.warehouse_id,
                ' lacks ', -left_in_lot, ' pieces'
            ));
        end if;
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update inventory set quantity = quantity + new.quantity_change
        where sku_id = new.sku_id and warehouse_id = new.warehouse_id;
        update product_skus set stock = stock + new.quantity_change where sku_id = new.sku_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop function if exists take_stock;

create function take_stock(
    from_sku_id bigint,
    from_warehouse_id bigint,
    wanted integer,
    for_order_item_id bigint,
    at_time datetime(6),
    movement varchar(32)
) returns integer
modifies sql data
comment 'Takes pieces from the oldest lots first and writes the ledger; all or nothing. Returns the pieces taken.'
begin
    declare on_hand integer;
    declare still_wanted integer default wanted;
    declare lot_id, lot_pieces bigint;
    declare lot_currency varchar(32);
    declare lot_cost numeric(18, 2);
    declare lots cursor for
        select opened.log_id, opened.currency, opened.unit_cost, sum(moved.quantity_change)
        from inventory_log as opened
        inner join inventory_log as moved on opened.log_id = moved.lot_id
        where opened.sku_id = from_sku_id
            and opened.warehouse_id = from_warehouse_id
            and opened.lot_id = opened.log_id
        group by opened.log_id, opened.currency, opened.unit_cost, opened.moved_at
        having sum(moved.quantity_change) > 0
        order by opened.moved_at, opened.log_id
        lock in share mode;
    if wanted <= 0 then
        call refuse('take_stock_needs_pieces', concat('a positive quantity is needed, not ', wanted));
    end if;
    set on_hand = (
        select quantity from inventory
        where sku_id = from_sku_id and warehouse_id = from_warehouse_id
        for update
    );
    if coalesce(on_hand, 0) < wanted then
        call refuse('inventory_quantity_not_negative', concat(
            'SKU ', from_sku_id, ' in warehouse ', from_warehouse_id,
            ' lacks ', wanted - coalesce(on_hand, 0), ' of ', wanted, ' pieces'
        ));
    end if;
    open lots;
    while still_wanted > 0 do
        fetch lots into lot_id, lot_currency, lot_cost, lot_pieces;
        insert into inventory_log (
            sku_id, warehouse_id, lot_id, movement_type, quantity_change, currency, unit_cost, order_item_id, moved_at
        ) values (
            from_sku_id, from_warehouse_id, lot_id, movement, -least(lot_pieces, still_wanted),
            lot_currency, lot_cost, for_order_item_id, at_time
        );
        set still_wanted = still_wanted - least(lot_pieces, still_wanted);
    end while;
    close lots;
    return wanted;
end;

drop trigger if exists ledger_is_not_changed;

create trigger ledger_is_not_changed before update on inventory_log for each row
begin
    if not is_bulk_load() then
        call refuse('ledger_is_only_added_to', 'the ledger is only added to; add an adjustment');
    end if;
end;

drop trigger if exists ledger_is_not_deleted;

create trigger ledger_is_not_deleted before delete on inventory_log for each row
begin
    if not is_bulk_load() then
        call refuse('ledger_is_only_added_to', 'the ledger is only added to; add an adjustment');
    end if;
end;

drop trigger if exists quantity_follows_ledger_new;

create trigger quantity_follows_ledger_new before insert on inventory for each row
begin
    if new.quantity <> 0 and not is_by_rule() then
        call refuse('quantity_follows_ledger_new', 'quantity follows inventory_log; add a movement there');
    end if;
end;

drop trigger if exists quantity_follows_ledger;

create trigger quantity_follows_ledger before update on inventory for each row
begin
    if new.quantity <> old.quantity and not is_by_rule() then
        call refuse('quantity_follows_ledger', 'quantity follows inventory_log; add a movement there');
    end if;
end;

drop trigger if exists location_is_final;

create trigger location_is_final before update on inventory for each row
begin
    if (new.sku_id, new.warehouse_id) <> (old.sku_id, old.warehouse_id) and not is_bulk_load() then
        call refuse('location_is_final', 'stock moves by inventory_log; add transfer_out and transfer_in there');
    end if;
end;

drop trigger if exists location_has_no_ledger;

create trigger location_has_no_ledger before delete on inventory for each row
begin
    if not is_bulk_load() and exists (
        select 1 from inventory_log where sku_id = old.sku_id and warehouse_id = old.warehouse_id lock in share mode
    ) then
        call refuse('inventory_quantity_follows_ledger', concat(
            'SKU ', old.sku_id, ' in warehouse ', old.warehouse_id, ' has movements, so its stock cannot be deleted'
        ));
    end if;
end;

drop trigger if exists stock_follows_ledger_new;

create trigger stock_follows_ledger_new before insert on product_skus for each row
begin
    if new.stock <> 0 and not is_by_rule() then
        call refuse('stock_follows_ledger_new', 'stock follows inventory_log; add a movement there');
    end if;
end;

drop trigger if exists stock_follows_ledger;

create trigger stock_follows_ledger before update on product_skus for each row
begin
    if new.stock <> old.stock and not is_by_rule() then
        call refuse('stock_follows_ledger', 'stock follows inventory_log; add a movement there');
    end if;
end;
