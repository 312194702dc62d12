-- Grain: one row per country and postal code, observed or used in an address. observation_count is additive.
with observations as (
    select country, postal_code, city, state, latitude, longitude
    from {{ current_rows(ref('ods_geolocations')) }}
),

addresses as (
    select ship_to_country as country, ship_to_postal_code as postal_code, ship_to_city as city, ship_to_state as state
    from {{ current_rows(ref('ods_orders')) }}
    union all
    select country, postal_code, city, state
    from {{ current_rows(ref('ods_customers')) }}
    union all
    select country, postal_code, city, state
    from {{ current_rows(ref('ods_sellers')) }}
    union all
    select country, postal_code, city, state
    from {{ current_rows(ref('ods_warehouses')) }}
),

spellings as (
    select country, postal_code, city, state, 1 as is_observed, count(*) as mention_count
    from observations
    group by country, postal_code, city, state
    union all
    select country, postal_code, city, state, 0 as is_observed, count(*) as mention_count
    from addresses
    where postal_code is not null
    group by country, postal_code, city, state
),

named as (
    select
        country,
        postal_code,
        city,
        state,
        row_number() over (
            partition by country, postal_code
            order by is_observed desc, mention_count desc, coalesce(city, ''), coalesce(state, '')
        ) as choice
    from spellings
),

positions as (
    select
        country,
        postal_code,
        {{ percentile('latitude', 0.5) }} as latitude,
        {{ percentile('longitude', 0.5) }} as longitude,
        {{ row_count() }} as observation_count
    from observations
    group by country, postal_code
),

places as (
    select
        concat(named.country, '-', named.postal_code) as geography_id,
        named.country as country,
        named.postal_code as postal_code,
        named.city as city,
        named.state as state,
        positions.latitude as latitude,
        positions.longitude as longitude,
        coalesce(positions.observation_count, 0) as observation_count
    from named
    left join positions on named.country = positions.country and named.postal_code = positions.postal_code
    where named.choice = 1
)

select
    {{ not_null('geography_id') }} as geography_id,
    country,
    postal_code,
    city,
    state,
    latitude,
    longitude,
    observation_count
from places
