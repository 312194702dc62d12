-- Visits and times, which the files do not hold. A visitor's items follow each other as their rows do in the views,
-- then in the add-to-carts, then in the purchases; twenty make a visit, one a minute. The first visit is on one of
-- the forty days from 3 May 2015 (the original's first day), the next ones a day later each; the day and the hour
-- follow from the visitor's number. An item is put in the cart 20 s after its minute began and bought at the end.

create temporary table retailrocket_items on commit drop as
with seen as (
    select
        visitorid,
        itemid,
        views.line as view_line,
        added.line as cart_line,
        bought.line as purchase_line
    from staged_view_ecommerce as views
    full join staged_add_to_cart_ecommerce as added using (visitorid, itemid)
    full join staged_purchase_ecommerce as bought using (visitorid, itemid)
),

placed as (
    select
        *,
        row_number() over (
            partition by visitorid
            order by view_line nulls last, cart_line nulls last, purchase_line nulls last
        )::integer - 1 as place
    from seen
)

select
    *,
    place / 20 as visit_number,
    format('retailrocket-%s-%s', visitorid, place / 20 + 1) as session_id,
    timestamp '2015-05-03 08:00'
    + make_interval(days => visitorid % 40 + place / 20, hours => visitorid % 14) as started_at,
    place % 20 as minute
from placed;

create temporary table retailrocket_visits on commit drop as
select
    session_id,
    visitorid,
    min(started_at) as started_at,
    min(started_at) + interval '20 minutes' as ended_at,
    bool_or(cart_line is not null) as has_cart,
    bool_or(purchase_line is not null) as has_purchase,
    bool_or(cart_line is not null and purchase_line is not null) as has_bought_from_cart
from retailrocket_items
group by session_id, visitorid;

create unique index on retailrocket_items (visitorid, itemid);
create unique index on retailrocket_visits (session_id);
analyze retailrocket_items;
analyze retailrocket_visits;
