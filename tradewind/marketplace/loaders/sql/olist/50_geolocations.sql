-- The file has no key and repeats positions: the n-th observation of a position is a row of its own.
insert into geolocations (external_id, country, postal_code, latitude, longitude, city, state)
select
    format(
        '%s-%s',
        md5(
            concat_ws(
                '|', geolocation_zip_code_prefix, geolocation_lat, geolocation_lng, geolocation_city, geolocation_state
            )
        ),
        row_number() over (
            partition by
                geolocation_zip_code_prefix, geolocation_lat, geolocation_lng, geolocation_city, geolocation_state
            order by line
        )
    ),
    'BR',
    geolocation_zip_code_prefix,
    round(geolocation_lat, 9),
    round(geolocation_lng, 9),
    geolocation_city,
    geolocation_state
from staged_olist_geolocation_dataset
order by line
on conflict (external_id) do nothing
