-- Grain: one row per product and version of its category, seller and status. Nothing is additive.
{{ config(unique_key=['product_id', 'valid_from'], order_by=['product_id', 'valid_from']) }}
{% set columns = {'product_id': 'bigint', 'category_id': 'bigint', 'seller_id': 'bigint', 'status': 'text'} %}
with logged as (
    {{ logged_states(source('bronze', 'products'), ['product_id'], columns) }}
),

candidates as (
    select
        product_id,
        coalesce(changed_by, {{ beginning_of_time() }}) as valid_from,
        category_id,
        seller_id,
        status,
        true as is_logged,
        _position as place
    from logged
),

versions as (
    {{ versions_over_time('candidates', 'product_id', ['category_id', 'seller_id', 'status']) }}
),

history as (
    select
        {{ not_null('product_id') }} as product_id,
        {{ not_null('valid_from') }} as valid_from,
        valid_to,
        known_from,
        version_number,
        {{ as_type('valid_to is null', 'boolean') }} as is_current,
        {{ as_type('is_assumed', 'boolean') }} as is_assumed,
        category_id,
        seller_id,
        status
    from versions
)

{{ versions_of('history') }}
