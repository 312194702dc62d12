-- Rows that repeat a key, and rows without a movement.

select pg_temp.refuse_repeated('store-item-sales', 'date, store, item');
select pg_temp.refuse(
    'store-item-sales', 'this.sales = 0',
    $$'sales is 0: nothing was moved, and a day without a movement says the same'$$
);
