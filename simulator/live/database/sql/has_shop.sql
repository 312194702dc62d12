select count(*) > 0 as has_shop
from information_schema.tables
where table_name = 'product_skus' and table_schema in ('public', 'ecomm')
