-- Grain: one row per calendar day, from the variable calendar_start to calendar_end. Nothing is additive.
with days as (
    select {{ each_day(var('calendar_start'), var('calendar_end')) }} as calendar_date
)

select
    {{ not_null('calendar_date', 'date') }} as calendar_date,
    {{ date_part_of('year', 'calendar_date') }} as year,
    {{ date_part_of('quarter', 'calendar_date') }} as quarter,
    {{ date_part_of('month', 'calendar_date') }} as month,
    {{ date_part_of('day_of_month', 'calendar_date') }} as day_of_month,
    {{ date_part_of('day_of_year', 'calendar_date') }} as day_of_year,
    {{ date_part_of('iso_year', 'calendar_date') }} as iso_year,
    {{ date_part_of('iso_week', 'calendar_date') }} as iso_week,
    {{ date_part_of('iso_day_of_week', 'calendar_date') }} as iso_day_of_week,
    {{ start_of('month', 'calendar_date') }} as month_start_date,
    {{ start_of('week', 'calendar_date') }} as week_start_date,
    {{ as_type(date_part_of('iso_day_of_week', 'calendar_date') ~ ' >= 6', 'boolean') }} as is_weekend
from days
