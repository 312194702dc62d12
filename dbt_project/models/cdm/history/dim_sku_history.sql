-- Grain: one row per SKU and version of its price and cost. Nothing is additive.
{{ config(unique_key=['sku_id', 'valid_from'], order_by=['sku_id', 'valid_from']) }}
{% set columns = {'sku_id': 'bigint', 'price': 'decimal(18,2)', 'cost': 'decimal(18,2)'} %}
with logged as (
    {{ logged_states(source('bronze', 'product_skus'), ['sku_id'], columns) }}
),

recorded as (
    select sku_id, valid_from, price, cost
    from {{ current_rows(ref('ods_sku_price_history')) }}
),

first_records as (
    select sku_id, min(valid_from) as recorded_from
    from recorded
    group by sku_id
),

-- The source's own history counts from its first record on; before that, the log.
candidates as (
    select sku_id, valid_from, price, cost, false as is_logged, '' as place
    from recorded
    union all
    select
        logged.sku_id as sku_id,
        coalesce(logged.changed_by, {{ beginning_of_time() }}) as valid_from,
        logged.price as price,
        logged.cost as cost,
        true as is_logged,
        logged._position as place
    from logged
    left join first_records on logged.sku_id = first_records.sku_id
    where first_records.recorded_from is null or logged.changed_by < first_records.recorded_from
),

versions as (
    {{ versions_over_time('candidates', 'sku_id', ['price', 'cost']) }}
),

history as (
    select
        {{ not_null('versions.sku_id') }} as sku_id,
        {{ not_null('versions.valid_from') }} as valid_from,
        versions.valid_to as valid_to,
        versions.known_from as known_from,
        versions.version_number as version_number,
        {{ as_type('versions.valid_to is null', 'boolean') }} as is_current,
        {{ as_type('versions.is_assumed', 'boolean') }} as is_assumed,
        skus.product_id as product_id,
        versions.price as price,
        versions.cost as cost
    from versions
    left join {{ current_rows(ref('ods_product_skus')) }} as skus on versions.sku_id = skus.sku_id
)

{{ versions_of('history') }}
