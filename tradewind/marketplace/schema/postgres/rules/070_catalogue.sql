-- Catalogue: the tree keeps its levels; a product's lowest price and rating follow its SKUs and reviews.

create or replace function rules.category_is_one_below_parent() returns trigger
language plpgsql as $$
declare
    parent_level smallint;
begin
    if new.parent_id is not null then
        select level into parent_level from categories where category_id = new.parent_id;
        if parent_level <> new.level - 1 then
            raise exception 'category % is on level %, its parent % on level %',
                new.category_id, new.level, new.parent_id, parent_level
                using errcode = 'check_violation', constraint = 'categories_one_below_parent';
        end if;
    end if;
    if tg_op = 'UPDATE' and new.level <> old.level
        and exists (select from categories where parent_id = new.category_id) then
        raise exception 'category % has subcategories; its level cannot change', new.category_id
            using errcode = 'check_violation', constraint = 'categories_one_below_parent';
    end if;
    return new;
end
$$;

create or replace function rules.product_takes_min_price() returns trigger
language plpgsql as $$
begin
    -- Writers of one product queue before they look, so that each sees what the others wrote.
    perform from products where product_id in (old.product_id, new.product_id) order by product_id for no key update;
    update products
    set min_price = (
        select min(price) from product_skus
        where product_skus.product_id = products.product_id and status = 'active'
    )
    where product_id in (old.product_id, new.product_id);
    return null;
end
$$;

create or replace function rules.product_takes_rating() returns trigger
language plpgsql as $$
begin
    -- Writers of one product queue before they look, so that each sees what the others wrote.
    perform from products where product_id in (old.product_id, new.product_id) order by product_id for no key update;
    update products
    set
        rating_avg = (select round(avg(rating), 2) from reviews where reviews.product_id = products.product_id),
        review_count = (select count(*) from reviews where reviews.product_id = products.product_id)
    where product_id in (old.product_id, new.product_id);
    return null;
end
$$;

create or replace function rules.review_is_by_its_buyer() returns trigger
language plpgsql as $$
begin
    perform from orders where order_id = new.order_id and user_id = new.user_id for key share;
    if not found then
        raise exception 'user % did not place order %', new.user_id, new.order_id
            using errcode = 'check_violation', constraint = 'reviews_by_buyer';
    end if;
    if new.product_id is null then
        return new;
    end if;
    perform from order_items where order_id = new.order_id and product_id = new.product_id for key share;
    if not found then
        raise exception 'order % holds no product %', new.order_id, new.product_id
            using errcode = 'check_violation', constraint = 'reviews_of_bought_product';
    end if;
    return new;
end
$$;

create or replace function rules.reviewed_item_stays() returns trigger
language plpgsql as $$
begin
    if exists (
        select from reviews where order_id = old.order_id and product_id = old.product_id
    ) and not exists (
        select from order_items where order_id = old.order_id and product_id = old.product_id
    ) then
        raise exception 'product % of order % is reviewed; delete the review first', old.product_id, old.order_id
            using errcode = 'check_violation', constraint = 'reviews_of_bought_product';
    end if;
    return null;
end
$$;

drop trigger if exists reviewed_item_stays on order_items;
create trigger reviewed_item_stays after update of product_id or delete on order_items
for each row execute function rules.reviewed_item_stays();

drop trigger if exists one_below_parent on categories;
create trigger one_below_parent before insert or update of parent_id, level on categories
for each row execute function rules.category_is_one_below_parent();

drop trigger if exists min_price_of_product on product_skus;
create trigger min_price_of_product after insert or update of price, status, product_id or delete on product_skus
for each row execute function rules.product_takes_min_price();

drop trigger if exists rating_of_product on reviews;
create trigger rating_of_product after insert or update of rating, product_id or delete on reviews
for each row execute function rules.product_takes_rating();

drop trigger if exists by_buyer on reviews;
create trigger by_buyer before insert or update of order_id, user_id, product_id on reviews
for each row execute function rules.review_is_by_its_buyer();

drop trigger if exists follows_skus_and_reviews on products;
create trigger follows_skus_and_reviews before update on products
for each row when (
    (old.min_price, old.rating_avg, old.review_count) is distinct from (new.min_price, new.rating_avg, new.review_count)
    and pg_trigger_depth() = 0
)
execute function rules.refuse('min_price, rating_avg and review_count follow product_skus and reviews');

drop trigger if exists follows_skus_and_reviews_new on products;
create trigger follows_skus_and_reviews_new before insert on products
for each row when (
    (new.min_price is not null or new.rating_avg is not null or new.review_count <> 0) and pg_trigger_depth() = 0
)
execute function rules.refuse('min_price, rating_avg and review_count follow product_skus and reviews');
