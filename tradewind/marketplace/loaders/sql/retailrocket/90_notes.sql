-- What a reader of the loaded tables should know: table, rows concerned, what.

select
    'user_events', count(*), 'have no time in the files: visits and times follow from the order of the rows'
from (
    select line from staged_view_ecommerce
    union all
    select line from staged_add_to_cart_ecommerce
    union all
    select line from staged_purchase_ecommerce
) as interactions

union all

select 'user_events', count(*), 'are purchases of items that the visitor is not seen to view'
from retailrocket_items
where purchase_line is not null and view_line is null

union all

select 'user_events', count(*), 'are purchases of items that were never in the visitor''s cart: carts lack them'
from retailrocket_items
where purchase_line is not null and cart_line is null

union all

select 'users', count(*), 'have not one view in the files'
from (
    select visitorid
    from retailrocket_items
    group by visitorid
    having count(view_line) = 0
) as unseen
