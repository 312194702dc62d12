-- Catalogue: the tree keeps its levels; a product's lowest price and rating follow its SKUs and reviews.

drop procedure if exists require_level_below_parent;

create procedure require_level_below_parent(in category_level smallint, in parent_category_id bigint)
begin
    declare parent_level smallint default (select level from categories where category_id = parent_category_id);
    if parent_level <> category_level - 1 then
        call refuse('categories_one_below_parent', concat(
            'the category is on level ', category_level, ', its parent ', parent_category_id, ' on level ', parent_level
        ));
    end if;
end;

drop trigger if exists one_below_parent_insert;

create trigger one_below_parent_insert before insert on categories for each row
begin
    if not is_bulk_load() then
        call require_level_below_parent(new.level, new.parent_id);
    end if;
end;

drop trigger if exists one_below_parent_update;

create trigger one_below_parent_update before update on categories for each row
begin
    if not is_bulk_load() then
        call require_level_below_parent(new.level, new.parent_id);
        if new.level <> old.level and exists (select 1 from categories where parent_id = new.category_id) then
            call refuse('categories_one_below_parent', concat(
                'category ', new.category_id, ' has subcategories; its level cannot change'
            ));
        end if;
    end if;
end;

drop procedure if exists lock_product;

create procedure lock_product(in wanted_product_id bigint)
comment 'Lets writers of one product queue, before a foreign key locks it for reading and they block each other.'
begin
    declare locked_product_id bigint;
    select product_id into locked_product_id from products where product_id = wanted_product_id for update;
end;

drop procedure if exists take_min_price;

create procedure take_min_price(in changed_product_id bigint)
sql security invoker
comment 'Gives a product the lowest price of its active SKUs.'
begin
    call lock_product(changed_product_id);
    insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    update products
    set min_price = (
        select min(price) from product_skus where product_id = changed_product_id and status = 'active'
        lock in share mode
    )
    where product_id = changed_product_id;
    delete from rules.writers where connection_id = connection_id();
end;

drop function if exists average_rating;

create function average_rating(stars bigint, reviews bigint) returns numeric(3, 2)
deterministic
comment 'Stars per review, rounded half up in whole numbers: a quotient would be rounded twice.'
return ((stars * 200 + reviews) div nullif(2 * reviews, 0)) / 100;

drop procedure if exists take_rating;

create procedure take_rating(in changed_product_id bigint)
sql security invoker
comment 'Gives a product the average rating and the number of its reviews.'
begin
    declare stars, reviewed bigint;
    call lock_product(changed_product_id);
    select sum(rating), count(*) into stars, reviewed from reviews where product_id = changed_product_id
    lock in share mode;
    insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), false);
    update products set rating_avg = average_rating(stars, reviewed), review_count = reviewed
    where product_id = changed_product_id;
    delete from rules.writers where connection_id = connection_id();
end;

drop procedure if exists require_review_by_buyer;

create procedure require_review_by_buyer(
    in reviewed_order_id bigint, in reviewing_user_id bigint, in reviewed_product_id bigint
)
begin
    if not exists (
        select 1 from orders where order_id = reviewed_order_id and user_id = reviewing_user_id lock in share mode
    ) then
        call refuse('reviews_by_buyer', concat('user ', reviewing_user_id, ' did not place order ', reviewed_order_id));
    end if;
    if reviewed_product_id is not null and not exists (
        select 1 from order_items where order_id = reviewed_order_id and product_id = reviewed_product_id
        lock in share mode
    ) then
        call refuse('reviews_of_bought_product', concat(
            'order ', reviewed_order_id, ' holds no product ', reviewed_product_id
        ));
    end if;
end;

drop procedure if exists require_reviewed_item;

create procedure require_reviewed_item(in checked_order_id bigint, in checked_product_id bigint)
comment 'Refuses that a reviewed product leaves its order.'
begin
    if exists (
        select 1 from reviews where order_id = checked_order_id and product_id = checked_product_id lock in share mode
    ) and not exists (
        select 1 from order_items where order_id = checked_order_id and product_id = checked_product_id
    ) then
        call refuse('reviews_of_bought_product', concat(
            'product ', checked_product_id, ' of order ', checked_order_id, ' is reviewed; delete the review first'
        ));
    end if;
end;

drop trigger if exists reviewed_item_stays_update;

create trigger reviewed_item_stays_update after update on order_items for each row
begin
    if new.product_id <> old.product_id and not is_bulk_load() then
        call require_reviewed_item(old.order_id, old.product_id);
    end if;
end;

drop trigger if exists reviewed_item_stays_delete;

create trigger reviewed_item_stays_delete after delete on order_items for each row
begin
    if not is_bulk_load() then
        call require_reviewed_item(old.order_id, old.product_id);
    end if;
end;

drop trigger if exists takes_cart_items_along;

-- What a foreign key deletes is not in the change log.
create trigger takes_cart_items_along before delete on carts for each row
begin
    delete from cart_items where cart_id = old.cart_id;
end;

drop trigger if exists locks_product_of_sku;

create trigger locks_product_of_sku before insert on product_skus for each row
begin
    if not is_bulk_load() then
        call lock_product(new.product_id);
    end if;
end;

drop trigger if exists min_price_of_product_insert;

create trigger min_price_of_product_insert after insert on product_skus for each row
begin
    if not is_bulk_load() then
        call take_min_price(new.product_id);
    end if;
end;

drop trigger if exists min_price_of_product_update;

create trigger min_price_of_product_update after update on product_skus for each row
begin
    if (new.price, new.status, new.product_id) <> (old.price, old.status, old.product_id) and not is_bulk_load() then
        call take_min_price(new.product_id);
        if new.product_id <> old.product_id then
            call take_min_price(old.product_id);
        end if;
    end if;
end;

drop trigger if exists min_price_of_product_delete;

create trigger min_price_of_product_delete after delete on product_skus for each row
begin
    if not is_bulk_load() then
        call take_min_price(old.product_id);
    end if;
end;

drop trigger if exists by_buyer_insert;

create trigger by_buyer_insert before insert on reviews for each row
begin
    if not is_bulk_load() then
        call require_review_by_buyer(new.order_id, new.user_id, new.product_id);
        call lock_product(new.product_id);
    end if;
end;

drop trigger if exists by_buyer_update;

create trigger by_buyer_update before update on reviews for each row
begin
    if not is_bulk_load() then
        call require_review_by_buyer(new.order_id, new.user_id, new.product_id);
    end if;
end;

drop trigger if exists rating_of_product_insert;

create trigger rating_of_product_insert after insert on reviews for each row
begin
    if new.product_id is not null and not is_bulk_load() then
        call take_rating(new.product_id);
    end if;
end;

drop trigger if exists rating_of_product_update;

create trigger rating_of_product_update after update on reviews for each row
begin
    if not is_bulk_load() then
        call take_rating(new.product_id);
        if not new.product_id <=> old.product_id then
            call take_rating(old.product_id);
        end if;
    end if;
end;

drop trigger if exists rating_of_product_delete;

create trigger rating_of_product_delete after delete on reviews for each row
begin
    if not is_bulk_load() then
        call take_rating(old.product_id);
    end if;
end;

drop trigger if exists follows_skus_and_reviews;

create trigger follows_skus_and_reviews before update on products for each row
begin
    if not (
        new.min_price <=> old.min_price
        and new.rating_avg <=> old.rating_avg
        and new.review_count = old.review_count
    ) and not is_by_rule() then
        call refuse(
            'follows_skus_and_reviews', 'min_price, rating_avg and review_count follow product_skus and reviews'
        );
    end if;
end;

drop trigger if exists follows_skus_and_reviews_new;

create trigger follows_skus_and_reviews_new before insert on products for each row
begin
    if (new.min_price is not null or new.rating_avg is not null or new.review_count <> 0) and not is_by_rule() then
        call refuse(
            'follows_skus_and_reviews_new', 'min_price, rating_avg and review_count follow product_skus and reviews'
        );
    end if;
end;
