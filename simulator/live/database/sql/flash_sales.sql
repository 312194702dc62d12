select flash_sale_id, sku_id, sale_price, quota - sold_count as pieces_left, starts_at, ends_at
from flash_sales
where ends_at > now() and starts_at <= now()
order by flash_sale_id
