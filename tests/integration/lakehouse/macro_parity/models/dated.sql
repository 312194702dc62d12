-- Grain: one row per pair of moments. Times are UTC; zones' clock changes must change nothing.
with moments as (
    {{ edge_values({'earlier': 'timestamptz', 'later': 'timestamptz'}, [
        ['2024-02-28 23:59:59.999999', '2024-02-29 00:00:00'],
        ['2023-12-31 00:00:00', '2024-01-01 00:00:00.000001'],
        ['2021-01-03 12:00:00', '2021-01-04 11:59:59'],
        ['2020-12-28 00:00:00', '2027-12-31 23:59:59.999999'],
        ['2026-03-29 00:59:59.5', '2026-03-29 01:00:00'],
        ['2026-10-25 00:30:00', '2026-10-25 02:30:00'],
        ['2018-02-18 01:30:00', '2018-02-18 04:30:00'],
        ['1969-12-31 23:59:59.999999', '1970-01-01 00:00:00'],
        ['2016-09-04 00:00:00', '2016-09-04 00:00:00'],
        ['2024-03-01 00:00:00', '2024-02-01 00:00:00'],
        ['2016-09-04 12:00:00', none], [none, none],
    ]) }}
)

select
    earlier,
    later,
    {{ day_of('later') }} as later_date,
    {{ days_between('earlier', 'later') }} as days,
    {{ elapsed_days('earlier', 'later') }} as elapsed,
    {% for part in ['year', 'quarter', 'month', 'day_of_month', 'day_of_year', 'iso_day_of_week', 'iso_week', 'iso_year'] -%}
    {{ date_part_of(part, day_of('earlier')) }} as {{ part }},
    {% endfor -%}
    {{ start_of('week', day_of('earlier')) }} as week_date,
    {{ start_of('month', day_of('earlier')) }} as month_date,
    {{ next_month(start_of('month', day_of('earlier'))) }} as next_month_date
from moments
