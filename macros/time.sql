{#- Dates and times. Times are UTC; a day is one of the shop, in its reporting time zone; weeks start on Monday, as ISO
    8601 has it. -#}

{#- The time zone of the shop's days, by its name in the IANA database. The environment is asked only when a model runs:
    dbt parses the whole project again after any change of what parsing has read. -#}
{% macro reporting_time_zone() -%}
    {%- set given = env_var('TRADEWIND_REPORTING_TIME_ZONE', '') if execute else '' -%}
    {{- return(given or var('reporting_time_zone')) -}}
{%- endmacro %}

{#- The shop's day of a moment. -#}
{% macro day_of(moment) -%}
    {{- return(adapter.dispatch('day_of', 'tradewind')(moment)) -}}
{%- endmacro %}

{% macro clickhouse__day_of(moment) -%}
    {{ as_type('toTimeZone(' ~ moment ~ ", '" ~ reporting_time_zone() ~ "')", 'date') }}
{%- endmacro %}

{% macro spark__day_of(moment) -%}
    {{ as_type('from_utc_timestamp(' ~ moment ~ ", '" ~ reporting_time_zone() ~ "')", 'date') }}
{%- endmacro %}

{#- The hour of the shop's day of a moment, 0 to 23. -#}
{% macro hour_of(moment) -%}
    {{ as_type(adapter.dispatch('hour_of', 'tradewind')(moment), 'int') }}
{%- endmacro %}

{% macro clickhouse__hour_of(moment) -%}
    toHour(toTimeZone({{ moment }}, '{{ reporting_time_zone() }}'))
{%- endmacro %}

{% macro spark__hour_of(moment) -%}
    hour(from_utc_timestamp({{ moment }}, '{{ reporting_time_zone() }}'))
{%- endmacro %}

{#- "Today", the day that figures look back from: the shop's day at the run's start, unless TRADEWIND_REPORTING_DATE says
    another one, as for data that ended long ago. It is part of a model's definition, so that a new day is a reason to build
    the model. -#}
{% macro today_of_shop() -%}
    {%- set given = env_var('TRADEWIND_REPORTING_DATE', '') if execute else '' -%}
    {%- set zone = modules.pytz.timezone(reporting_time_zone()) -%}
    {%- set started = modules.datetime.datetime.strptime(run_moment(), '%Y-%m-%d %H:%M:%S.%f') -%}
    {{- return(as_type("'" ~ (given or modules.pytz.utc.localize(started).astimezone(zone).date()) ~ "'", 'date')) -}}
{%- endmacro %}

{% macro days_between(earlier, later) -%}
    {{- return(adapter.dispatch('days_between', 'tradewind')(earlier, later)) -}}
{%- endmacro %}

{% macro clickhouse__days_between(earlier, later) -%}
    {{ as_type("dateDiff('day', " ~ as_type(earlier, 'date') ~ ', ' ~ as_type(later, 'date') ~ ')', 'bigint') }}
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    {{ as_type('datediff(' ~ as_type(later, 'date') ~ ', ' ~ as_type(earlier, 'date') ~ ')', 'bigint') }}
{%- endmacro %}

{% macro elapsed_days(earlier, later) -%}
    {{- return(adapter.dispatch('elapsed_days', 'tradewind')(earlier, later)) -}}
{%- endmacro %}

{% macro clickhouse__elapsed_days(earlier, later) -%}
    {{ ratio('toUnixTimestamp64Micro(' ~ later ~ ') - toUnixTimestamp64Micro(' ~ earlier ~ ')', '86400000000') }}
{%- endmacro %}

{% macro spark__elapsed_days(earlier, later) -%}
    {{ ratio('unix_micros(' ~ later ~ ') - unix_micros(' ~ earlier ~ ')', '86400000000') }}
{%- endmacro %}

{% macro elapsed_ms(earlier, later) -%}
    {{ as_type(adapter.dispatch('elapsed_ms', 'tradewind')(earlier, later), 'bigint') }}
{%- endmacro %}

{% macro clickhouse__elapsed_ms(earlier, later) -%}
    intDiv(toUnixTimestamp64Micro({{ later }}) - toUnixTimestamp64Micro({{ earlier }}), 1000)
{%- endmacro %}

{% macro spark__elapsed_ms(earlier, later) -%}
    (unix_micros({{ later }}) - unix_micros({{ earlier }})) div 1000
{%- endmacro %}

{% macro date_part_of(part, day) -%}
    {{ as_type(adapter.dispatch('date_part_of', 'tradewind')(part, day), 'int') }}
{%- endmacro %}

{% macro clickhouse__date_part_of(part, day) -%}
    {%- set functions = {
        'year': 'toYear', 'quarter': 'toQuarter', 'month': 'toMonth', 'day_of_month': 'toDayOfMonth',
        'day_of_year': 'toDayOfYear', 'iso_day_of_week': 'toDayOfWeek', 'iso_week': 'toISOWeek', 'iso_year': 'toISOYear',
    } -%}
    {{- return(functions[part] ~ '(' ~ day ~ ')') -}}
{%- endmacro %}

{% macro spark__date_part_of(part, day) -%}
    {%- set expressions = {
        'year': 'year(%)', 'quarter': 'quarter(%)', 'month': 'month(%)', 'day_of_month': 'day(%)',
        'day_of_year': 'dayofyear(%)', 'iso_day_of_week': 'weekday(%) + 1', 'iso_week': 'weekofyear(%)',
        'iso_year': "extract(yearofweek from %)",
    } -%}
    {{- return(expressions[part].replace('%', day)) -}}
{%- endmacro %}

{% macro start_of(unit, day) -%}
    {{ as_type("date_trunc('" ~ unit ~ "', " ~ day ~ ')', 'date') }}
{%- endmacro %}

{#- One row per day between two dates, both included. -#}
{% macro each_day(first, last) -%}
    {{- return(adapter.dispatch('each_day', 'tradewind')(first, last)) -}}
{%- endmacro %}

{% macro clickhouse__each_day(first, last) -%}
    arrayJoin(arrayMap(
        day -> assumeNotNull({{ first }}) + day, range(toUInt32(assumeNotNull(dateDiff('day', {{ first }}, {{ last }}))) + 1)
    ))
{%- endmacro %}

{% macro spark__each_day(first, last) -%}
    explode(sequence({{ first }}, {{ last }}, interval 1 day))
{%- endmacro %}

{#- The day so many days before another. -#}
{% macro days_before(day, count) -%}
    {{ as_type(day ~ ' - interval ' ~ count ~ ' day', 'date') }}
{%- endmacro %}

{% macro next_month(month_start) -%}
    {{ as_type(month_start ~ ' + interval 1 month', 'date') }}
{%- endmacro %}
