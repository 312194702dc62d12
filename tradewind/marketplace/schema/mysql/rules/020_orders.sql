-- Orders: the life cycle with its history, and totals that equal the items from the first step after pending on.

drop procedure if exists require_items_of_order;

create procedure require_items_of_order(
    in checked_order_id bigint,
    in subtotal numeric(18, 2),
    in discount numeric(18, 2),
    in shipping numeric(18, 2),
    in tax numeric(18, 2)
)
comment 'Refuses amounts that are not the sums of the order''s items.'
begin
    declare items_subtotal numeric(30, 2);
    declare items_discount numeric(30, 2);
    declare items_shipping numeric(30, 2);
    declare items_tax numeric(30, 2);
    select
        coalesce(sum(quantity * unit_price), 0), coalesce(sum(discount_amount), 0),
        coalesce(sum(shipping_amount), 0), coalesce(sum(tax_amount), 0)
    into items_subtotal, items_discount, items_shipping, items_tax
    from order_items
    where order_id = checked_order_id
    lock in share mode;
    if (subtotal, discount, shipping, tax) <> (items_subtotal, items_discount, items_shipping, items_tax) then
        call refuse('orders_equal_their_items', concat(
            'order ', checked_order_id, ' has ', concat_ws(', ', subtotal, discount, shipping, tax),
            '; its items give ', concat_ws(', ', items_subtotal, items_discount, items_shipping, items_tax)
        ));
    end if;
end;

drop procedure if exists require_order_of_items;

create procedure require_order_of_items(in checked_order_id bigint)
comment 'Refuses items that no longer give the amounts of their order; a pending order may be incomplete.'
begin
    declare order_status varchar(32);
    declare subtotal, discount, shipping, tax numeric(18, 2);
    select status, subtotal_amount, discount_amount, shipping_amount, tax_amount
    into order_status, subtotal, discount, shipping, tax
    from orders
    where order_id = checked_order_id
    lock in share mode;
    if order_status <> 'pending' then
        call require_items_of_order(checked_order_id, subtotal, discount, shipping, tax);
    end if;
end;

drop trigger if exists legal_start;

create trigger legal_start before insert on orders for each row
begin
    if not is_bulk_load() and new.status <> 'pending' then
        call refuse(
            'orders_status_follows_life_cycle', concat('a new order starts as pending, not as ', new.status)
        );
    end if;
    set new.status_changed_at = coalesce(new.status_changed_at, new.ordered_at);
end;

drop trigger if exists legal_step;

create trigger legal_step before update on orders for each row
begin
    if new.status <> old.status and not is_bulk_load() then
        if not exists (
            select 1 from rules.order_transitions where from_status = old.status and to_status = new.status
        ) then
            call refuse('orders_status_follows_life_cycle', concat(
                'order ', new.order_id, ' cannot go from ', old.status, ' to ', new.status
            ));
        end if;
        if new.status_changed_at = old.status_changed_at then
            set new.status_changed_at = now(6);
        end if;
        case new.status
            when 'paid' then set new.paid_at = coalesce(new.paid_at, new.status_changed_at);
            when 'shipped' then set new.shipped_at = coalesce(new.shipped_at, new.status_changed_at);
            when 'delivered' then set new.delivered_at = coalesce(new.delivered_at, new.status_changed_at);
            when 'cancelled' then set new.cancelled_at = coalesce(new.cancelled_at, new.status_changed_at);
            when 'returned' then set new.returned_at = coalesce(new.returned_at, new.status_changed_at);
            else begin end;
        end case;
    end if;
end;

drop trigger if exists equals_items;

create trigger equals_items before update on orders for each row
begin
    if (
        (old.status = 'pending' and new.status <> 'pending')
        or (
            new.status <> 'pending'
            and (new.subtotal_amount, new.discount_amount, new.shipping_amount, new.tax_amount)
            <> (old.subtotal_amount, old.discount_amount, old.shipping_amount, old.tax_amount)
        )
    ) and not is_bulk_load() then
        call require_items_of_order(
            new.order_id, new.subtotal_amount, new.discount_amount, new.shipping_amount, new.tax_amount
        );
    end if;
end;

drop trigger if exists history_of_new;

create trigger history_of_new after insert on orders for each row
begin
    if not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        insert into order_status_history (order_id, step_number, from_status, to_status, changed_at)
        values (new.order_id, 1, null, new.status, new.status_changed_at);
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists history_of_step;

create trigger history_of_step after update on orders for each row
begin
    declare next_step integer;
    if new.status <> old.status and not is_bulk_load() then
        select coalesce(max(step_number), 0) + 1
        into next_step
        from order_status_history
        where order_id = new.order_id;
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        insert into order_status_history (order_id, step_number, from_status, to_status, changed_at)
        values (new.order_id, next_step, old.status, new.status, new.status_changed_at);
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists equals_order_insert;

create trigger equals_order_insert after insert on order_items for each row
begin
    if not is_bulk_load() then
        call require_order_of_items(new.order_id);
    end if;
end;

drop trigger if exists equals_order_update;

create trigger equals_order_update after update on order_items for each row
begin
    if not is_bulk_load() then
        call require_order_of_items(new.order_id);
    end if;
end;

drop trigger if exists equals_order_delete;

create trigger equals_order_delete after delete on order_items for each row
begin
    if not is_bulk_load() and not is_being_deleted(old.order_id) then
        call require_order_of_items(old.order_id);
    end if;
end;

drop trigger if exists stays_in_order;

create trigger stays_in_order before update on order_items for each row
begin
    if new.order_id <> old.order_id and not is_bulk_load() then
        call refuse(
            'order_items_stay_in_their_order',
            concat('order item ', new.order_item_id, ' cannot move to another order')
        );
    end if;
end;

drop function if exists is_being_deleted;

create function is_being_deleted(checked_order_id bigint) returns boolean
reads sql data
comment 'Whether the order itself is being deleted by the present statement.'
return exists (
    select 1 from rules.deleted_orders where order_id = checked_order_id
);

drop trigger if exists takes_items_along;

-- What a foreign key deletes calls no triggers and is not in the change log.
create trigger takes_items_along before delete on orders for each row
begin
    if not is_bulk_load() then
        insert into rules.deleted_orders (order_id) values (old.order_id);
        delete from order_items where order_id = old.order_id;
        delete from order_status_history where order_id = old.order_id;
        delete from rules.deleted_orders where order_id = old.order_id;
    end if;
end;

drop procedure if exists require_profile_of_user;

create procedure require_profile_of_user(in checked_customer_id bigint, in checked_user_id bigint)
comment 'Refuses an order of a profile under another account than the profile''s.'
begin
    declare profile_user_id bigint;
    select user_id into profile_user_id from customers where customer_id = checked_customer_id lock in share mode;
    if profile_user_id <> checked_user_id then
        call refuse('orders_profile_of_user', concat(
            'profile ', checked_customer_id, ' belongs to user ', profile_user_id, ', not to ', checked_user_id
        ));
    end if;
end;

drop trigger if exists profile_of_user_insert;

create trigger profile_of_user_insert before insert on orders for each row
begin
    if not is_bulk_load() then
        call require_profile_of_user(new.customer_id, new.user_id);
    end if;
end;

drop trigger if exists profile_of_user_update;

create trigger profile_of_user_update before update on orders for each row
begin
    if (new.customer_id, new.user_id) <> (old.customer_id, old.user_id) and not is_bulk_load() then
        call require_profile_of_user(new.customer_id, new.user_id);
    end if;
end;

drop trigger if exists takes_orders_along;

create trigger takes_orders_along after update on customers for each row
begin
    if new.user_id <> old.user_id and not is_bulk_load() then
        update orders set user_id = new.user_id where customer_id = new.customer_id;
    end if;
end;

drop procedure if exists require_order_fits_its_rows;

create procedure require_order_fits_its_rows(in checked_order_id bigint, in given varchar(32))
comment 'Refuses a currency, time or subtotal that the order''s payments, returns, payouts, vouchers or flash-sale lines contradict.'
begin
    declare other varchar(32);
    declare unfit bigint;
    set other = (
        select currency from payments where order_id = checked_order_id and currency <> given limit 1
        lock in share mode
    );
    if other is not null then
        call refuse('payments_currency_is_the_orders', concat('order ', checked_order_id, ' was paid in ', other));
    end if;
    set other = (
        select currency from order_returns
        where order_id = checked_order_id and currency <> given
        limit 1
        lock in share mode
    );
    if other is not null then
        call refuse('order_returns_currency_is_the_orders', concat('order ', checked_order_id, ' has returns in ', other));
    end if;
    set other = (
        select payouts.currency
        from payout_lines
        inner join payouts on payout_lines.payout_id = payouts.payout_id
        where payout_lines.order_id = checked_order_id and payouts.currency <> given
        limit 1
        lock in share mode
    );
    if other is not null then
        call refuse('payout_lines_currency_is_the_orders', concat('order ', checked_order_id, ' was paid out in ', other));
    end if;
    -- No min() of a view: MariaDB fails with error 1140 when such a subquery of a routine runs again.
    set unfit = (select redemption_id from redemption_differences where order_id = checked_order_id limit 1);
    if unfit is not null then
        call refuse('voucher_redemptions_fit_order', concat('redemption ', unfit, ' does not fit order ', checked_order_id));
    end if;
    set unfit = (select order_item_id from flash_sale_differences where order_id = checked_order_id limit 1);
    if unfit is not null then
        call refuse('order_items_fit_flash_sale', concat('line ', unfit, ' does not fit its flash sale at that time'));
    end if;
end;

drop trigger if exists fits_its_rows;

create trigger fits_its_rows after update on orders for each row
begin
    if (new.currency, new.subtotal_amount, new.ordered_at) <> (old.currency, old.subtotal_amount, old.ordered_at)
        and not is_bulk_load() then
        call require_order_fits_its_rows(new.order_id, new.currency);
    end if;
end;

drop trigger if exists takes_its_rows_along;

create trigger takes_its_rows_along after update on orders for each row
begin
    if new.user_id <> old.user_id and not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update voucher_redemptions set user_id = new.user_id where order_id = new.order_id;
        delete from rules.writers where connection_id = connection_id();
        update reviews set user_id = new.user_id where order_id = new.order_id;
    end if;
    -- A profile that moves to another account takes its redemptions along, whatever their number; a single order that
    -- moves to another profile must fit the limit there.
    if new.customer_id <> old.customer_id and not is_bulk_load() then
        call require_user_limit_of_order(new.order_id);
    end if;
end;

drop trigger if exists sold_sku_keeps_its_product;

create trigger sold_sku_keeps_its_product after update on product_skus for each row
begin
    if new.product_id <> old.product_id and not is_bulk_load() and exists (
        select 1 from order_items where sku_id = new.sku_id lock in share mode
    ) then
        call refuse('order_items_sku_of_product', concat(
            'SKU ', new.sku_id, ' was sold as a variant of product ', old.product_id, '; add another SKU'
        ));
    end if;
end;

drop procedure if exists require_sku_of_product;

create procedure require_sku_of_product(in checked_sku_id bigint, in checked_product_id bigint)
begin
    if not exists (
        select 1 from product_skus where sku_id = checked_sku_id and product_id = checked_product_id
        lock in share mode
    ) then
        call refuse('order_items_sku_of_product', concat(
            'SKU ', checked_sku_id, ' is not a variant of product ', checked_product_id
        ));
    end if;
end;

drop trigger if exists sku_of_product_insert;

create trigger sku_of_product_insert before insert on order_items for each row
begin
    if not is_bulk_load() then
        call require_sku_of_product(new.sku_id, new.product_id);
    end if;
end;

drop trigger if exists sku_of_product_update;

create trigger sku_of_product_update before update on order_items for each row
begin
    if (new.sku_id, new.product_id) <> (old.sku_id, old.product_id) and not is_bulk_load() then
        call require_sku_of_product(new.sku_id, new.product_id);
    end if;
end;

drop trigger if exists history_is_not_added_to;

create trigger history_is_not_added_to before insert on order_status_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows orders.status; change that');
    end if;
end;

drop trigger if exists history_is_not_changed;

create trigger history_is_not_changed before update on order_status_history for each row
begin
    if not is_by_rule() then
        call refuse('history_is_written_by_rule', 'history follows orders.status; change that');
    end if;
end;

drop trigger if exists history_is_not_deleted;

create trigger history_is_not_deleted before delete on order_status_history for each row
begin
    if not is_by_rule() and not is_being_deleted(old.order_id) then
        call refuse('history_is_written_by_rule', 'history follows orders.status; change that');
    end if;
end;
