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
    select * into redeemed_order from orders where order_id = new.order_id for key share;
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

create or replace function rules.redemption_differences(
    only_order_id bigint default null, only_voucher_id bigint default null
)
returns table (redemption_id bigint, detail text)
language sql stable as $$
    select
        redeemed.redemption_id,
        format('voucher %s: user, currency, time or subtotal does not fit it and order %s', voucher_code, orders.order_id)
    from voucher_redemptions as redeemed
    inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
    inner join orders on redeemed.order_id = orders.order_id
    where (only_order_id is null or redeemed.order_id = only_order_id)
        and (only_voucher_id is null or redeemed.voucher_id = only_voucher_id)
        and (
            redeemed.user_id <> orders.user_id
            or redeemed.currency <> orders.currency
            or redeemed.currency <> vouchers.currency
            or redeemed.redeemed_at < vouchers.starts_at
            or redeemed.redeemed_at >= vouchers.ends_at
            or orders.subtotal_amount < vouchers.min_order_amount
            or (orders.status = 'cancelled' and redeemed.released_at is null)
        )
$$;

comment on function rules.redemption_differences(bigint, bigint) is
    'Redemptions (of the order or voucher asked for) that do not fit their voucher and order.';

create or replace function rules.user_limit_differences(only_order_id bigint)
returns table (voucher_id bigint, detail text)
language plpgsql as $$
begin
    -- Concurrent redemptions of these vouchers queue here, so that each sees the others.
    perform from vouchers
    where vouchers.voucher_id in (
        select used.voucher_id from voucher_redemptions as used
        where used.order_id = only_order_id and used.released_at is null
    )
    order by vouchers.voucher_id
    for no key update;
    return query
    select
        vouchers.voucher_id,
        format('user %s would have used voucher %s %s times', redeemed.user_id, vouchers.voucher_code, count(*))
    from voucher_redemptions as redeemed
    inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
    inner join voucher_redemptions as own
        on redeemed.voucher_id = own.voucher_id and redeemed.user_id = own.user_id
    where own.order_id = only_order_id and own.released_at is null and redeemed.released_at is null
    group by vouchers.voucher_id, redeemed.user_id
    having count(*) > vouchers.per_user_limit;
end
$$;

comment on function rules.user_limit_differences(bigint) is
    'Vouchers used by an order more often than its account may use them.';

create or replace function rules.voucher_fits_its_redemptions() returns trigger
language plpgsql as $$
declare
    difference record;
begin
    select * into difference from rules.redemption_differences(null, new.voucher_id);
    if found then
        raise exception '%; it was used under other terms, so pause it and issue another', difference.detail
            using errcode = 'check_violation', constraint = 'voucher_redemptions_fit_order';
    end if;
    select * into difference from rules.profile_limit_differences(new.voucher_id);
    if found then
        raise exception '%', difference.detail
            using errcode = 'check_violation', constraint = 'vouchers_used_within_user_limit';
    end if;
    return null;
end
$$;

comment on function rules.voucher_fits_its_redemptions() is
    'Refuses terms of a voucher under which it could not have been used as it was.';

create or replace function rules.profile_limit_differences(only_voucher_id bigint default null)
returns table (key text, detail text)
language sql stable as $$
    select
        format('%s/%s', redeemed.voucher_id, orders.customer_id),
        format('used %s times, limit %s', count(*), max(vouchers.per_user_limit))
    from voucher_redemptions as redeemed
    inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
    inner join orders on redeemed.order_id = orders.order_id
    where redeemed.released_at is null and (only_voucher_id is null or redeemed.voucher_id = only_voucher_id)
    group by redeemed.voucher_id, orders.customer_id
    having count(*) > max(vouchers.per_user_limit)
$$;

comment on function rules.profile_limit_differences(bigint) is
    'Profiles that used a voucher (or the one asked for) more often than a user may. By profile, since an account may have '
    'got profiles from another account that used it as well.';

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
    select ordered_at into bought_at from orders where order_id = new.order_id for key share;
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

create or replace function rules.flash_sale_differences(
    only_order_id bigint default null, only_flash_sale_id bigint default null
)
returns table (order_item_id bigint, detail text)
language sql stable as $$
    select
        order_items.order_item_id,
        format('flash sale %s does not sell the SKU at that time', order_items.flash_sale_id)
    from order_items
    inner join flash_sales on order_items.flash_sale_id = flash_sales.flash_sale_id
    inner join orders on order_items.order_id = orders.order_id
    where (only_order_id is null or order_items.order_id = only_order_id)
        and (only_flash_sale_id is null or order_items.flash_sale_id = only_flash_sale_id)
        and (
            order_items.sku_id <> flash_sales.sku_id
            or orders.ordered_at < flash_sales.starts_at
            or orders.ordered_at >= flash_sales.ends_at
        )
$$;

comment on function rules.flash_sale_differences(bigint, bigint) is
    'Order lines (of the order or flash sale asked for) that their flash sale does not cover.';

create or replace function rules.flash_sale_fits_its_items() returns trigger
language plpgsql as $$
declare
    difference record;
begin
    select * into difference from rules.flash_sale_differences(null, new.flash_sale_id);
    if found then
        raise exception 'order line %: %', difference.order_item_id, difference.detail
            using errcode = 'check_violation', constraint = 'order_items_fit_flash_sale';
    end if;
    return null;
end
$$;

comment on function rules.flash_sale_fits_its_items() is
    'Refuses an SKU or a time of a flash sale that lines already sold in it contradict.';

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
    old.voucher_id <> new.voucher_id or old.order_id <> new.order_id
    or old.currency <> new.currency or old.redeemed_at <> new.redeemed_at
    or (old.user_id <> new.user_id and pg_trigger_depth() = 0)
    or (old.released_at is not null and new.released_at is null)
)
execute function rules.refuse('a use cannot be moved or taken again; release it and add another');

drop trigger if exists fits_its_redemptions on vouchers;
create trigger fits_its_redemptions
after update of currency, min_order_amount, starts_at, ends_at, per_user_limit on vouchers
for each row when (
    (old.currency, old.min_order_amount, old.starts_at, old.ends_at, old.per_user_limit)
    is distinct from (new.currency, new.min_order_amount, new.starts_at, new.ends_at, new.per_user_limit)
)
execute function rules.voucher_fits_its_redemptions();

drop trigger if exists fits_its_items on flash_sales;
create trigger fits_its_items after update of sku_id, starts_at, ends_at on flash_sales
for each row when ((old.sku_id, old.starts_at, old.ends_at) is distinct from (new.sku_id, new.starts_at, new.ends_at))
execute function rules.flash_sale_fits_its_items();

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
