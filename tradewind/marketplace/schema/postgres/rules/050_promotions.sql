-- Promotions: voucher limits and flash-sale quotas hold whatever the concurrency.

create or replace function rules.redemption_counts() returns trigger
language plpgsql as $$
declare
    used vouchers%rowtype;
    redeemed_order orders%rowtype;
    times_by_user bigint;
begin
    -- The voucher's row lock makes concurrent redemptions queue, so that each sees the others.
    select * into used from vouchers where voucher_id = new.voucher_id for no key update;
    select * into redeemed_order from orders where order_id = new.order_id;
    if redeemed_order.user_id <> new.user_id
        or redeemed_order.currency <> new.currency or used.currency <> new.currency then
        raise exception 'voucher %: user and currency must be those of order %', used.voucher_code, new.order_id
            using errcode = 'check_violation', constraint = 'voucher_redemptions_fit_order';
    end if;
    if new.redeemed_at < used.starts_at or new.redeemed_at >= used.ends_at or used.status <> 'active' then
        raise exception 'voucher % is not valid at %', used.voucher_code, new.redeemed_at
            using errcode = 'check_violation', constraint = 'voucher_redemptions_while_valid';
    end if;
    if redeemed_order.subtotal_amount < used.min_order_amount then
        raise exception 'voucher % needs an order of at least %', used.voucher_code, used.min_order_amount
            using errcode = 'check_violation', constraint = 'voucher_redemptions_min_order';
    end if;
    select count(*) into times_by_user
    from voucher_redemptions
    where voucher_id = new.voucher_id and user_id = new.user_id and released_at is null;
    if times_by_user >= used.per_user_limit then
        raise exception 'user % has used voucher % % times', new.user_id, used.voucher_code, times_by_user
            using errcode = 'check_violation', constraint = 'vouchers_used_within_user_limit';
    end if;
    if used.used_count >= used.usage_limit then
        raise exception 'voucher % is used up', used.voucher_code
            using errcode = 'check_violation', constraint = 'vouchers_used_within_limit';
    end if;
    update vouchers set used_count = used_count + 1 where voucher_id = new.voucher_id;
    return new;
end
$$;

create or replace function rules.redemption_is_given_back() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.released_at is null and new.released_at is not null then
        update vouchers set used_count = used_count - 1 where voucher_id = old.voucher_id;
    elsif tg_op = 'DELETE' and old.released_at is null then
        update vouchers set used_count = used_count - 1 where voucher_id = old.voucher_id;
    end if;
    return null;
end
$$;

create or replace function rules.item_uses_flash_sale() returns trigger
language plpgsql as $$
declare
    sale flash_sales%rowtype;
    bought_at timestamptz;
begin
    select * into sale from flash_sales where flash_sale_id = new.flash_sale_id for no key update;
    select ordered_at into bought_at from orders where order_id = new.order_id;
    if sale.sku_id <> new.sku_id or bought_at < sale.starts_at or bought_at >= sale.ends_at then
        raise exception 'flash sale % does not sell SKU % at %', new.flash_sale_id, new.sku_id, bought_at
            using errcode = 'check_violation', constraint = 'order_items_fit_flash_sale';
    end if;
    if sale.sold_count + new.quantity > sale.quota then
        raise exception 'flash sale %: % of % pieces are sold, % more are too many',
            new.flash_sale_id, sale.sold_count, sale.quota, new.quantity
            using errcode = 'check_violation', constraint = 'flash_sales_sold_within_quota';
    end if;
    update flash_sales set sold_count = sold_count + new.quantity where flash_sale_id = new.flash_sale_id;
    return new;
end
$$;

create or replace function rules.item_leaves_flash_sale() returns trigger
language plpgsql as $$
begin
    -- The items of a cancelled order have given theirs back; so have those that go with their order.
    update flash_sales set sold_count = sold_count - old.quantity
    where flash_sale_id = old.flash_sale_id
        and exists (select from orders where order_id = old.order_id and status <> 'cancelled');
    return null;
end
$$;

create or replace function rules.give_flash_sale_back(gone_order_id bigint) returns void
language sql as $$
    update flash_sales set sold_count = sold_count - sold.quantity
    from (
        select flash_sale_id, sum(quantity) as quantity
        from order_items
        where order_id = gone_order_id and flash_sale_id is not null
        group by flash_sale_id
    ) as sold
    where flash_sales.flash_sale_id = sold.flash_sale_id
$$;

create or replace function rules.cancelled_order_gives_back() returns trigger
language plpgsql as $$
begin
    update voucher_redemptions set released_at = new.status_changed_at
    where order_id = new.order_id and released_at is null;
    perform rules.give_flash_sale_back(new.order_id);
    return null;
end
$$;

create or replace function rules.deleted_order_gives_back() returns trigger
language plpgsql as $$
begin
    perform rules.give_flash_sale_back(old.order_id);
    return old;
end
$$;

comment on function rules.cancelled_order_gives_back() is
    'A cancelled order frees its voucher uses and flash-sale pieces. Stock comes back by a ledger row.';

drop trigger if exists counts on voucher_redemptions;
create trigger counts before insert on voucher_redemptions
for each row execute function rules.redemption_counts();

drop trigger if exists given_back on voucher_redemptions;
create trigger given_back after update of released_at or delete on voucher_redemptions
for each row execute function rules.redemption_is_given_back();

drop trigger if exists use_is_final on voucher_redemptions;
create trigger use_is_final before update on voucher_redemptions
for each row when (
    old.voucher_id <> new.voucher_id or old.order_id <> new.order_id or old.user_id <> new.user_id
    or (old.released_at is not null and new.released_at is null)
)
execute function rules.refuse('a use cannot be moved or taken again; release it and add another');

drop trigger if exists uses_flash_sale on order_items;
create trigger uses_flash_sale before insert on order_items
for each row when (new.flash_sale_id is not null) execute function rules.item_uses_flash_sale();

drop trigger if exists leaves_flash_sale on order_items;
create trigger leaves_flash_sale after delete on order_items
for each row when (old.flash_sale_id is not null) execute function rules.item_leaves_flash_sale();

drop trigger if exists flash_sale_is_final on order_items;
create trigger flash_sale_is_final before update on order_items
for each row when (
    old.flash_sale_id is distinct from new.flash_sale_id
    or (old.flash_sale_id is not null and (old.quantity <> new.quantity or old.sku_id <> new.sku_id))
)
execute function rules.refuse('a flash-sale line cannot change; delete it and add another');

drop trigger if exists gives_back on orders;
create trigger gives_back after update of status on orders
for each row when (old.status <> new.status and new.status = 'cancelled')
execute function rules.cancelled_order_gives_back();

drop trigger if exists gives_back_by_delete on orders;
create trigger gives_back_by_delete before delete on orders
for each row when (old.status <> 'cancelled')
execute function rules.deleted_order_gives_back();

drop trigger if exists used_count_follows_redemptions_new on vouchers;
create trigger used_count_follows_redemptions_new before insert on vouchers
for each row when (new.used_count <> 0 and pg_trigger_depth() = 0)
execute function rules.refuse('used_count follows voucher_redemptions');

drop trigger if exists used_count_follows_redemptions on vouchers;
create trigger used_count_follows_redemptions before update on vouchers
for each row when (old.used_count <> new.used_count and pg_trigger_depth() = 0)
execute function rules.refuse('used_count follows voucher_redemptions');

drop trigger if exists sold_count_follows_items_new on flash_sales;
create trigger sold_count_follows_items_new before insert on flash_sales
for each row when (new.sold_count <> 0 and pg_trigger_depth() = 0)
execute function rules.refuse('sold_count follows order_items');

drop trigger if exists sold_count_follows_items on flash_sales;
create trigger sold_count_follows_items before update on flash_sales
for each row when (old.sold_count <> new.sold_count and pg_trigger_depth() = 0)
execute function rules.refuse('sold_count follows order_items');
