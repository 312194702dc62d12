-- Grain: one row per kind of entity and entity with an order in the last 30 days. Counts of orders and amounts are additive
-- over the entities of one kind, distinct counts are not.
{%- set windows = {'5m': '5 minute', '1h': '1 hour', '1d': '1 day', '30d': '30 day'} %}
with payments as (
    select
        order_id,
        anyIf(card_fingerprint, sequence_number = 1) as card_fingerprint,
        countIf(status = 'failed') > 0 as has_failed
    from {{ state('state_payments') }}
    where minute >= now() - interval 31 day
    group by order_id
),

origins as (
    select minute, order_id, device_fingerprint, ip_address
    from {{ state('state_orders') }}
    where minute >= now() - interval 31 day
),

orders as (
    select
        valued.ordered_at as ordered_at,
        valued.city as city,
        coalesce(valued.total_amount, 0) as amount,
        coalesce(payments.has_failed, false) as has_failed,
        [
            ('user', toString(valued.user_id)),
            ('device', origins.device_fingerprint),
            ('address', origins.ip_address),
            ('card', coalesce(payments.card_fingerprint, ''))
        ] as entities
    from {{ ref('valued_orders') }} as valued
    inner join origins on valued.minute = origins.minute and valued.order_id = origins.order_id
    left join payments on valued.order_id = payments.order_id
    where
        not valued.is_test
        and valued.minute >= now() - interval 31 day
        and valued.ordered_at >= now64(6, 'UTC') - interval 30 day
),

of_entities as (
    select
        ordered_at,
        city,
        amount,
        has_failed,
        entities,
        arrayJoin(arrayFilter(each -> each.2 not in ('', '0'), entities)) as entity
    from orders
)

select
    entity.1 as entity_kind,
    if(entity.1 = 'user', entity.2, lower(hex(sipHash64(entity.2)))) as entity_id,
    {{ not_null('min(ordered_at)', 'timestamptz') }} as first_order_at,
    {{ not_null('max(ordered_at)', 'timestamptz') }} as last_order_at,
    {%- for name, window in windows.items() %}
    {{ not_null(row_count("ordered_at >= now64(6, 'UTC') - interval " ~ window), 'bigint') }} as order_count_{{ name }},
    {%- endfor %}
    {%- for name, window in windows.items() %}
    {{ not_null("coalesce(sumIf(amount, ordered_at >= now64(6, 'UTC') - interval " ~ window ~ '), 0)', 'decimal(18,2)') }} as amount_{{ name }},
    {%- endfor %}
    {%- for name, window in windows.items() %}
    {{ not_null(row_count("has_failed and ordered_at >= now64(6, 'UTC') - interval " ~ window), 'bigint') }} as failed_order_count_{{ name }},
    {%- endfor %}
    {%- for name in ['user', 'device', 'address', 'card'] %}
    {{ not_null(
        distinct_count("nullIf(entities[" ~ loop.index ~ "].2, '')", "ordered_at >= now64(6, 'UTC') - interval 1 day"), 'bigint'
    ) }} as {{ name }}_count_1d,
    {%- endfor %}
    {{ not_null(distinct_count('city', "ordered_at >= now64(6, 'UTC') - interval 1 day"), 'bigint') }} as city_count_1d
from of_entities
group by entity_kind, entity_id
