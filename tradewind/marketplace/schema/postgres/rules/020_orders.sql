-- Orders: the life cycle with its history, and totals that equal the items.

create or replace function rules.order_takes_legal_step() returns trigger
language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.status <> 'pending' then
            raise exception 'order % starts as %; a new order starts as pending', new.order_id, new.status
                using errcode = 'check_violation', constraint = 'orders_status_follows_life_cycle';
        end if;
        new.status_changed_at := coalesce(new.status_changed_at, new.ordered_at);
        return new;
    end if;
    if new.status = old.status then
        return new;
    end if;
    if not exists (
        select from rules.order_transitions
        where from_status = old.status and to_status = new.status
    ) then
        raise exception 'order % cannot go from % to %', new.order_id, old.status, new.status
            using errcode = 'check_violation', constraint = 'orders_status_follows_life_cycle';
    end if;
    if new.status_changed_at = old.status_changed_at then
        new.status_changed_at := now();
    end if;
    case new.status
        when 'paid' then new.paid_at := coalesce(new.paid_at, new.status_changed_at);
        when 'shipped' then new.shipped_at := coalesce(new.shipped_at, new.status_changed_at);
        when 'delivered' then new.delivered_at := coalesce(new.delivered_at, new.status_changed_at);
        when 'cancelled' then new.cancelled_at := coalesce(new.cancelled_at, new.status_changed_at);
        when 'returned' then new.returned_at := coalesce(new.returned_at, new.status_changed_at);
        else null;
    end case;
    return new;
end
$$;

comment on function rules.order_takes_legal_step() is
    'Allows only steps of rules.order_transitions and fills the time of the step where it is not given.';

create or replace function rules.order_writes_history() returns trigger
language plpgsql as $$
begin
    insert into order_status_history (order_id, step_number, from_status, to_status, changed_at)
    select
        new.order_id,
        coalesce(max(step_number), 0) + 1,
        old.status,
        new.status,
        new.status_changed_at
    from order_status_history
    where order_id = new.order_id;
    return null;
end
$$;

comment on function rules.order_writes_history() is 'Adds one order_status_history row per step.';

create or replace function rules.order_equals_its_items() returns trigger
language plpgsql as $$
declare
    difference record;
begin
    select * into difference from rules.order_total_differences(coalesce(new.order_id, old.order_id));
    if found then
        raise exception 'order %: %', difference.order_id, difference.detail
            using errcode = 'check_violation', constraint = 'orders_equal_their_items';
    end if;
    if tg_op = 'UPDATE' and tg_table_name = 'order_items' and old.order_id <> new.order_id then
        raise exception 'order item % cannot move to another order', new.order_item_id
            using errcode = 'check_violation', constraint = 'order_items_stay_in_their_order';
    end if;
    return null;
end
$$;

create or replace function rules.order_total_differences(only_order_id bigint default null)
returns table (order_id bigint, detail text)
language sql stable as $$
    select
        orders.order_id,
        format(
            'subtotal %s, discount %s, shipping %s, tax %s; its items give %s, %s, %s, %s',
            orders.subtotal_amount, orders.discount_amount, orders.shipping_amount, orders.tax_amount,
            coalesce(sum(items.quantity * items.unit_price), 0), coalesce(sum(items.discount_amount), 0),
            coalesce(sum(items.shipping_amount), 0), coalesce(sum(items.tax_amount), 0)
        )
    from orders
    left join order_items as items on orders.order_id = items.order_id
    where only_order_id is null or orders.order_id = only_order_id
    group by orders.order_id
    having
        orders.subtotal_amount <> coalesce(sum(items.quantity * items.unit_price), 0)
        or orders.discount_amount <> coalesce(sum(items.discount_amount), 0)
        or orders.shipping_amount <> coalesce(sum(items.shipping_amount), 0)
        or orders.tax_amount <> coalesce(sum(items.tax_amount), 0)
$$;

comment on function rules.order_total_differences(bigint) is
    'Orders (or the one asked for) whose amounts are not the sums of their items.';

create or replace function rules.item_belongs_to_product() returns trigger
language plpgsql as $$
begin
    perform from product_skus where sku_id = new.sku_id and product_id = new.product_id for key share;
    if not found then
        raise exception 'SKU % is not a variant of product %', new.sku_id, new.product_id
            using errcode = 'check_violation', constraint = 'order_items_sku_of_product';
    end if;
    return new;
end
$$;

create or replace function rules.sold_sku_keeps_its_product() returns trigger
language plpgsql as $$
begin
    -- Orders that are adding a line of the SKU finish first.
    perform from product_skus where sku_id = new.sku_id for update;
    if exists (select from order_items where sku_id = new.sku_id) then
        raise exception 'SKU % was sold as a variant of product %; add another SKU', new.sku_id, old.product_id
            using errcode = 'check_violation', constraint = 'order_items_sku_of_product';
    end if;
    return null;
end
$$;

create or replace function rules.order_fits_its_rows() returns trigger
language plpgsql as $$
declare
    difference record;
begin
    -- Transactions that are adding rows of the order finish first, so that their rows are seen.
    perform from orders where order_id = new.order_id for update;
    select found.* into difference from (
        select * from rules.currency_differences(new.order_id)
        union all
        select 'voucher_redemptions_fit_order', redeemed.redemption_id, redeemed.detail
        from rules.redemption_differences(new.order_id) as redeemed
        union all
        select 'order_items_fit_flash_sale', sold.order_item_id, sold.detail
        from rules.flash_sale_differences(new.order_id) as sold
    ) as found
    limit 1;
    if found then
        raise exception 'order %: %', new.order_id, difference.detail
            using errcode = 'check_violation', constraint = difference.rule;
    end if;
    return null;
end
$$;

comment on function rules.order_fits_its_rows() is
    'Refuses a currency, time or subtotal that the order''s payments, returns, payouts, vouchers or flash-sale lines '
    'contradict.';

create or replace function rules.order_takes_its_rows_along() returns trigger
language plpgsql as $$
declare
    difference record;
begin
    if old.user_id <> new.user_id then
        perform from orders where order_id = new.order_id for update;
        update voucher_redemptions set user_id = new.user_id where order_id = new.order_id;
        update reviews set user_id = new.user_id where order_id = new.order_id;
    end if;
    -- A profile that moves to another account takes its redemptions along, whatever their number; a single order that
    -- moves to another profile must fit the limit there.
    if old.customer_id <> new.customer_id then
        select * into difference from rules.user_limit_differences(new.order_id);
        if found then
            raise exception 'order %: %', new.order_id, difference.detail
                using errcode = 'check_violation', constraint = 'vouchers_used_within_user_limit';
        end if;
    end if;
    return null;
end
$$;

comment on function rules.order_takes_its_rows_along() is
    'Voucher redemptions and reviews of an order belong to the account that its profile belongs to.';

drop trigger if exists legal_step on orders;
create trigger legal_step before insert or update on orders
for each row execute function rules.order_takes_legal_step();

drop trigger if exists history_of_new on orders;
create trigger history_of_new after insert on orders
for each row execute function rules.order_writes_history();

drop trigger if exists history_of_step on orders;
create trigger history_of_step after update of status on orders
for each row when (old.status <> new.status) execute function rules.order_writes_history();

drop trigger if exists equals_items on orders;
create constraint trigger equals_items after insert or update on orders
deferrable initially deferred for each row execute function rules.order_equals_its_items();

drop trigger if exists equals_order on order_items;
create constraint trigger equals_order after insert or update or delete on order_items
deferrable initially deferred for each row execute function rules.order_equals_its_items();

drop trigger if exists sku_of_product on order_items;
create trigger sku_of_product before insert or update of sku_id, product_id on order_items
for each row execute function rules.item_belongs_to_product();

drop trigger if exists keeps_product_of_sold_sku on product_skus;
create trigger keeps_product_of_sold_sku after update of product_id on product_skus
for each row when (old.product_id <> new.product_id) execute function rules.sold_sku_keeps_its_product();

drop trigger if exists fits_its_rows on orders;
create trigger fits_its_rows after update of currency, subtotal_amount, ordered_at on orders
for each row when (
    old.currency <> new.currency
    or old.subtotal_amount <> new.subtotal_amount
    or old.ordered_at <> new.ordered_at
)
execute function rules.order_fits_its_rows();

drop trigger if exists takes_its_rows_along on orders;
create trigger takes_its_rows_along after update of customer_id, user_id on orders
for each row when (old.customer_id <> new.customer_id or old.user_id <> new.user_id)
execute function rules.order_takes_its_rows_along();

drop trigger if exists history_is_written_by_rule on order_status_history;
create trigger history_is_written_by_rule before insert or update or delete on order_status_history
for each row when (pg_trigger_depth() = 0)
execute function rules.refuse('history follows orders.status; change that');
