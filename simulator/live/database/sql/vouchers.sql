select
    voucher_id, voucher_type, value, currency, max_discount_amount, min_order_amount,
    usage_limit - used_count as uses_left, starts_at, ends_at
from vouchers
where status = 'active' and ends_at > now() and used_count < usage_limit
order by voucher_id
