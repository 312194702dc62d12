-- Grain: one row per set of values.
with observations as (
    {{ edge_values({'name': 'text', 'place': 'bigint', 'amount': 'double', 'label': 'text'}, [
        ['one', '1', '0.1', 'a'],
        ['two', '1', '8.6928125', 'b'], ['two', '2', '8.6928135', none],
        ['three', '-1', '-0.3', 'a'], ['three', '0', '0.1', 'é'], ['three', '9223372036854775807', '0.2', 'ü🙂'],
        ['nulls', '1', none, none], ['nulls', '2', none, none],
        ['some nulls', none, '1', 'x'], ['some nulls', '-5', none, 'y'], ['some nulls', none, '2', 'z'],
        ['many', '1', '0.1', ''], ['many', '2', '0.2', ''], ['many', '3', '0.7', ''], ['many', '4', '1e300', 'last'],
    ]) }}
)

select
    {{ not_null('name') }} as name,
    {{ arg_max('label', 'place') }} as label_of_greatest,
    {{ percentile('amount', 0.5) }} as median,
    {{ percentile('amount', 0.9) }} as high,
    {{ percentile('amount', 0) }} as least,
    {{ percentile('amount', 1) }} as greatest,
    {{ row_count() }} as row_count,
    {{ row_count('amount > 0.15') }} as large_count,
    {{ distinct_count('label') }} as label_count
from observations
group by name
