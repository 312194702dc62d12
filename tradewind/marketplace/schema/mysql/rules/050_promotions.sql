-- Promotions: voucher limits and flash-sale quotas hold whatever the concurrency.

drop trigger if exists counts;

create trigger counts before insert on voucher_redemptions for each row
begin
    declare code, voucher_currency, voucher_status, order_currency varchar(255);
    declare min_amount, subtotal numeric(18, 2);
    declare total_limit, user_limit, used, used_by_user, ordering_user_id bigint;
    declare valid_from, valid_until datetime(6);
    if not is_bulk_load() then
        -- The voucher's row lock makes concurrent redemptions queue, so that each sees the others.
        select
            voucher_code, currency, status, min_order_amount, usage_limit, per_user_limit, used_count, starts_at, ends_at
        into code, voucher_currency, voucher_status, min_amount, total_limit, user_limit, used, valid_from, valid_until
        from vouchers
        where voucher_id = new.voucher_id
        for update;
        select user_id, currency, subtotal_amount
        into ordering_user_id, order_currency, subtotal
        from orders
        where order_id = new.order_id
        lock in share mode;
        select count(*) into used_by_user
        from voucher_redemptions
        where voucher_id = new.voucher_id and user_id = new.user_id and released_at is null
        lock in share mode;
        if ordering_user_id <> new.user_id or order_currency <> new.currency or voucher_currency <> new.currency then
            call refuse('voucher_redemptions_fit_order', concat(
                'voucher ', code, ': user and currency must be those of order ', new.order_id
            ));
        elseif new.redeemed_at < valid_from or new.redeemed_at >= valid_until or voucher_status <> 'active' then
            call refuse('voucher_redemptions_while_valid', concat('voucher ', code, ' is not valid at ', new.redeemed_at));
        elseif subtotal < min_amount then
            call refuse('voucher_redemptions_min_order', concat(
                'voucher ', code, ' needs an order of at least ', min_amount
            ));
        elseif used_by_user >= user_limit then
            call refuse('vouchers_used_within_user_limit', concat(
                'user ', new.user_id, ' has used voucher ', code, ' ', used_by_user, ' times'
            ));
        elseif used >= total_limit then
            call refuse('vouchers_used_within_limit', concat('voucher ', code, ' is used up'));
        end if;
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update vouchers set used_count = used_count + 1 where voucher_id = new.voucher_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists given_back;

create trigger given_back after update on voucher_redemptions for each row
begin
    if old.released_at is null and new.released_at is not null and not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update vouchers set used_count = used_count - 1 where voucher_id = old.voucher_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists given_back_by_delete;

create trigger given_back_by_delete after delete on voucher_redemptions for each row
begin
    if old.released_at is null and not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update vouchers set used_count = used_count - 1 where voucher_id = old.voucher_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists use_is_final;

create trigger use_is_final before update on voucher_redemptions for each row
begin
    if (
        (new.voucher_id, new.order_id, new.currency, new.redeemed_at)
        <> (old.voucher_id, old.order_id, old.currency, old.redeemed_at)
        or (new.user_id <> old.user_id and not is_by_rule())
        or (old.released_at is not null and new.released_at is null)
    ) and not is_bulk_load() then
        call refuse('use_is_final', 'a use cannot be moved or taken again; release it and add another');
    end if;
end;

drop trigger if exists uses_flash_sale;

create trigger uses_flash_sale before insert on order_items for each row
begin
    declare sale_sku_id, total, sold bigint;
    declare starts, ends, bought_at datetime(6);
    if new.flash_sale_id is not null and not is_bulk_load() then
        select sku_id, quota, sold_count, starts_at, ends_at
        into sale_sku_id, total, sold, starts, ends
        from flash_sales
        where flash_sale_id = new.flash_sale_id
        for update;
        set bought_at = (select ordered_at from orders where order_id = new.order_id lock in share mode);
        if sale_sku_id <> new.sku_id or bought_at < starts or bought_at >= ends then
            call refuse('order_items_fit_flash_sale', concat(
                'flash sale ', new.flash_sale_id, ' does not sell SKU ', new.sku_id, ' at ', bought_at
            ));
        elseif sold + new.quantity > total then
            call refuse('flash_sales_sold_within_quota', concat(
                'flash sale ', new.flash_sale_id, ': ', sold, ' of ', total, ' pieces are sold, ',
                new.quantity, ' more are too many'
            ));
        end if;
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update flash_sales set sold_count = sold_count + new.quantity where flash_sale_id = new.flash_sale_id;
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists leaves_flash_sale;

create trigger leaves_flash_sale after delete on order_items for each row
begin
    if old.flash_sale_id is not null and not is_bulk_load() then
        insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
        update flash_sales set sold_count = sold_count - old.quantity
        where flash_sale_id = old.flash_sale_id
            and not exists (select 1 from orders where order_id = old.order_id and status = 'cancelled');
        delete from rules.writers where connection_id = connection_id();
    end if;
end;

drop trigger if exists flash_sale_is_final;

create trigger flash_sale_is_final before update on order_items for each row
begin
    if (
        not old.flash_sale_id <=> new.flash_sale_id
        or (old.flash_sale_id is not null and (old.quantity, old.sku_id) <> (new.quantity, new.sku_id))
    ) and not is_bulk_load() then
        call refuse('flash_sale_is_final', 'a flash-sale line cannot change; delete it and add another');
    end if;
end;

drop procedure if exists give_flash_sale_back;

create procedure give_flash_sale_back(in gone_order_id bigint)
sql security invoker
comment 'Frees the flash-sale pieces of an order that is cancelled or deleted.'
begin
    insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    update flash_sales
    inner join (
        select flash_sale_id, sum(quantity) as quantity
        from order_items
        where order_id = gone_order_id and flash_sale_id is not null
        group by flash_sale_id
    ) as sold on flash_sales.flash_sale_id = sold.flash_sale_id
    set flash_sales.sold_count = flash_sales.sold_count - sold.quantity;
    delete from rules.writers where connection_id = connection_id();
end;

drop trigger if exists gives_back;

create trigger gives_back after update on orders for each row
begin
    if new.status = 'cancelled' and old.status <> 'cancelled' and not is_bulk_load() then
        update voucher_redemptions set released_at = new.status_changed_at
        where order_id = new.order_id and released_at is null;
        call give_flash_sale_back(new.order_id);
    end if;
end;

-- The items of a deleted order give theirs back one by one (see takes_items_along).
drop trigger if exists gives_back_by_delete;

create or replace view redemption_differences as
select redeemed.redemption_id, redeemed.voucher_id, redeemed.order_id
from voucher_redemptions as redeemed
inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
inner join orders on redeemed.order_id = orders.order_id
where redeemed.user_id <> orders.user_id
    or redeemed.currency <> orders.currency
    or redeemed.currency <> vouchers.currency
    or redeemed.redeemed_at < vouchers.starts_at
    or redeemed.redeemed_at >= vouchers.ends_at
    or orders.subtotal_amount < vouchers.min_order_amount
    or (orders.status = 'cancelled' and redeemed.released_at is null);

create or replace view flash_sale_differences as
select order_items.order_item_id, order_items.flash_sale_id, order_items.order_id
from order_items
inner join flash_sales on order_items.flash_sale_id = flash_sales.flash_sale_id
inner join orders on order_items.order_id = orders.order_id
where order_items.sku_id <> flash_sales.sku_id
    or orders.ordered_at < flash_sales.starts_at
    or orders.ordered_at >= flash_sales.ends_at;

-- By profile, since an account may have got profiles from another account that used the voucher as well.
create or replace view profile_limit_differences as
select redeemed.voucher_id, orders.customer_id, count(*) as times, max(vouchers.per_user_limit) as user_limit
from voucher_redemptions as redeemed
inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
inner join orders on redeemed.order_id = orders.order_id
where redeemed.released_at is null
group by redeemed.voucher_id, orders.customer_id
having count(*) > max(vouchers.per_user_limit);

drop procedure if exists require_user_limit_of_order;

create procedure require_user_limit_of_order(in checked_order_id bigint)
comment 'Refuses an order under an account that would have used its vouchers more often than it may.'
begin
    declare exceeded bigint;
    select min(over_limit.voucher_id) into exceeded
    from (
        select vouchers.voucher_id
        from voucher_redemptions as own
        inner join vouchers on own.voucher_id = vouchers.voucher_id
        inner join voucher_redemptions as redeemed
            on own.voucher_id = redeemed.voucher_id and own.user_id = redeemed.user_id
        where own.order_id = checked_order_id and own.released_at is null and redeemed.released_at is null
        group by vouchers.voucher_id, vouchers.per_user_limit
        having count(*) > vouchers.per_user_limit
        lock in share mode
    ) as over_limit;
    if exceeded is not null then
        call refuse('vouchers_used_within_user_limit', concat(
            'the account of order ', checked_order_id, ' would have used voucher ', exceeded, ' too often'
        ));
    end if;
end;

drop trigger if exists voucher_fits_its_redemptions;

create trigger voucher_fits_its_redemptions after update on vouchers for each row
begin
    if (new.currency, new.min_order_amount, new.starts_at, new.ends_at, new.per_user_limit)
        <> (old.currency, old.min_order_amount, old.starts_at, old.ends_at, old.per_user_limit)
        and not is_bulk_load() then
        if exists (select 1 from redemption_differences where voucher_id = new.voucher_id) then
            call refuse('voucher_redemptions_fit_order', concat(
                'voucher ', new.voucher_code, ' was used under other terms, so pause it and issue another'
            ));
        end if;
        if exists (select 1 from profile_limit_differences where voucher_id = new.voucher_id) then
            call refuse('vouchers_used_within_user_limit', concat(
                'voucher ', new.voucher_code, ' was used more often than ', new.per_user_limit, ' times by a user'
            ));
        end if;
    end if;
end;

drop trigger if exists flash_sale_fits_its_items;

create trigger flash_sale_fits_its_items after update on flash_sales for each row
begin
    if (new.sku_id, new.starts_at, new.ends_at) <> (old.sku_id, old.starts_at, old.ends_at)
        and not is_bulk_load()
        and exists (select 1 from flash_sale_differences where flash_sale_id = new.flash_sale_id) then
        call refuse('order_items_fit_flash_sale', concat(
            'flash sale ', new.flash_sale_id, ' has sold lines that its SKU and times must cover'
        ));
    end if;
end;

drop trigger if exists used_count_follows_redemptions_new;

create trigger used_count_follows_redemptions_new before insert on vouchers for each row
begin
    if new.used_count <> 0 and not is_by_rule() then
        call refuse('used_count_follows_redemptions_new', 'used_count follows voucher_redemptions');
    end if;
end;

drop trigger if exists used_count_follows_redemptions;

create trigger used_count_follows_redemptions before update on vouchers for each row
begin
    if new.used_count <> old.used_count and not is_by_rule() then
        call refuse('used_count_follows_redemptions', 'used_count follows voucher_redemptions');
    end if;
end;

drop trigger if exists sold_count_follows_items_new;

create trigger sold_count_follows_items_new before insert on flash_sales for each row
begin
    if new.sold_count <> 0 and not is_by_rule() then
        call refuse('sold_count_follows_items_new', 'sold_count follows order_items');
    end if;
end;

drop trigger if exists sold_count_follows_items;

create trigger sold_count_follows_items before update on flash_sales for each row
begin
    if new.sold_count <> old.sold_count and not is_by_rule() then
        call refuse('sold_count_follows_items', 'sold_count follows order_items');
    end if;
end;
