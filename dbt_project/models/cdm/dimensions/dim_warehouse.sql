-- Grain: one row per warehouse. capacity is additive.
select
    warehouse_id,
    warehouse_name,
    city,
    state,
    country,
    concat(country, '-', postal_code) as geography_id,
    time_zone,
    capacity,
    is_active
from {{ current_rows(ref('ods_warehouses')) }}
