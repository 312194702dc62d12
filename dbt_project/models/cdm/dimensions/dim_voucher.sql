-- Grain: one row per voucher. Redemption counts are additive; values and limits are not.
with redemptions as (
    select
        voucher_id,
        {{ row_count('released_at is null') }} as redemption_count,
        {{ row_count('released_at is not null') }} as released_redemption_count
    from {{ current_rows(ref('ods_voucher_redemptions')) }}
    group by voucher_id
)

select
    vouchers.voucher_id as voucher_id,
    vouchers.voucher_code as voucher_code,
    vouchers.voucher_type as voucher_type,
    vouchers.value as value,
    vouchers.currency as currency,
    vouchers.max_discount_amount as max_discount_amount,
    vouchers.min_order_amount as min_order_amount,
    vouchers.funded_by as funded_by,
    vouchers.campaign_id as campaign_id,
    vouchers.usage_limit as usage_limit,
    vouchers.per_user_limit as per_user_limit,
    vouchers.status as status,
    vouchers.starts_at as starts_at,
    vouchers.ends_at as ends_at,
    {{ day_of('vouchers.starts_at') }} as start_date,
    {{ day_of('vouchers.ends_at - interval 1 second') }} as end_date,
    coalesce(redemptions.redemption_count, 0) as redemption_count,
    coalesce(redemptions.released_redemption_count, 0) as released_redemption_count
from {{ current_rows(ref('ods_vouchers')) }} as vouchers
left join redemptions on vouchers.voucher_id = redemptions.voucher_id
