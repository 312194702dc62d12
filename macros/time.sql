{#- Dates and times. All times are UTC; weeks start on Monday, as ISO 8601 has it. -#}

{% macro day_of(moment) -%}
    {{ as_type(moment, 'date') }}
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

{% macro next_month(month_start) -%}
    {{ as_type(month_start ~ ' + interval 1 month', 'date') }}
{%- endmacro %}
