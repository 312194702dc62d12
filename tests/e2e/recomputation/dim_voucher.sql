select
    voucher_id,
    voucher_code,
    voucher_type,
    value,
    currency,
    max_discount_amount,
    min_order_amount,
    funded_by,
    campaign_id,
    usage_limit,
    per_user_limit,
    status,
    starts_at at time zone 'UTC' as starts_at,
    ends_at at time zone 'UTC' as ends_at,
    starts_at::date as start_date,
    (ends_at - interval '1 second')::date as end_date,
    used_count::bigint as redemption_count,
    (select count(*) from voucher_redemptions r where r.voucher_id = v.voucher_id and released_at is not null)
    as released_redemption_count
from vouchers v
