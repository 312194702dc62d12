-- Grain: one row per day.
select {{ each_day('2019-12-30', '2021-01-05') }} as day
