-- Rows that repeat a visitor's interaction with an item: the files hold each once.

select pg_temp.refuse_repeated('view_ecommerce', 'visitorid, itemid');
select pg_temp.refuse_repeated('add_to_cart_ecommerce', 'visitorid, itemid');
select pg_temp.refuse_repeated('purchase_ecommerce', 'visitorid, itemid');
