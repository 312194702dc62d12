-- What lies where: stock per SKU and warehouse, and the ledger of first-in-first-out lots behind it.
-- A lot carries its own log_id, which an auto_increment would give too late: a rule takes it from rules.log_ids.

create table if not exists inventory (
    sku_id bigint not null
        comment 'The SKU.',
    warehouse_id bigint not null
        comment 'The warehouse.',
    quantity integer not null default 0
        comment 'Pieces on hand; always the sum of its inventory_log rows, kept by rule.',
    reorder_point integer not null default 0
        comment 'Reorder when the quantity falls to this many pieces.',
    safety_stock integer not null default 0
        comment 'Pieces kept against surprises in demand and delivery.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    primary key (sku_id, warehouse_id),
    key inventory_by_warehouse (warehouse_id),
    constraint inventory_sku_id_fkey foreign key (sku_id) references product_skus (sku_id),
    constraint inventory_warehouse_id_fkey foreign key (warehouse_id) references warehouses (warehouse_id),
    constraint inventory_quantity_not_negative check (quantity >= 0),
    constraint inventory_reorder_point_not_negative check (reorder_point >= 0),
    constraint inventory_safety_stock_not_negative check (safety_stock >= 0)
) comment 'Stock on hand. One row per SKU and warehouse.';

create table if not exists inventory_log (
    log_id bigint not null default 0 primary key
        comment 'Identifier of the movement.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    sku_id bigint not null
        comment 'The SKU moved.',
    warehouse_id bigint not null
        comment 'The warehouse it was moved in or out of.',
    lot_id bigint not null default 0
        comment 'The lot: the log_id of the movement that brought the pieces in (its own for incoming ones).',
    movement_type varchar(32) not null
        comment 'Incoming: receipt (from a supplier), return (from a buyer), transfer_in. Outgoing: sale, transfer_out, write_off. Both: adjustment (a count corrected a lot).',
    quantity_change integer not null
        comment 'Pieces added (positive) or removed (negative).',
    currency varchar(32) not null
        comment 'Currency of the cost, ISO 4217.',
    unit_cost numeric(18, 2)
        comment 'Cost of one piece of the lot, in `currency`; null if not known.',
    supplier_id bigint
        comment 'Supplier of a receipt; null otherwise.',
    order_item_id bigint
        comment 'Order line of a sale or return; null otherwise.',
    moved_at timestamp(6) not null
        comment 'When the pieces moved.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    constraint inventory_log_external_id_key unique (external_id),
    constraint inventory_log_lot_of_place unique (log_id, sku_id, warehouse_id),
    key inventory_log_by_place (sku_id, warehouse_id, moved_at),
    key inventory_log_by_lot (lot_id),
    key inventory_log_by_item (order_item_id),
    key inventory_log_by_supplier (supplier_id),
    constraint inventory_log_sku_id_fkey foreign key (sku_id) references product_skus (sku_id),
    constraint inventory_log_warehouse_id_fkey foreign key (warehouse_id) references warehouses (warehouse_id),
    constraint inventory_log_supplier_id_fkey foreign key (supplier_id) references suppliers (supplier_id),
    constraint inventory_log_order_item_id_fkey foreign key (order_item_id) references order_items (order_item_id),
    constraint inventory_log_lot_exists foreign key (lot_id, sku_id, warehouse_id)
        references inventory_log (log_id, sku_id, warehouse_id),
    constraint inventory_log_movement_known check (
        movement_type in ('receipt', 'return', 'transfer_in', 'sale', 'transfer_out', 'write_off', 'adjustment')
    ),
    constraint inventory_log_change_not_zero check (quantity_change <> 0),
    constraint inventory_log_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint inventory_log_cost_not_negative check (unit_cost >= 0),
    constraint inventory_log_sign_fits_movement check (
        (movement_type in ('receipt', 'return', 'transfer_in') and quantity_change > 0 and lot_id = log_id)
        or (movement_type in ('sale', 'transfer_out', 'write_off') and quantity_change < 0 and lot_id <> log_id)
        or (
            movement_type not in ('receipt', 'return', 'transfer_in', 'sale', 'transfer_out', 'write_off')
            and lot_id <> log_id
        )
    )
) comment 'Stock ledger. One row per movement of pieces of one lot; rows are only ever added. What comes in opens a lot, what goes out takes from the oldest lot that has pieces left.';
