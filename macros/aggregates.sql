{#- Aggregates whose names or edge cases differ between the engines. -#}

{% macro arg_max(value, by, over=none) -%}
    {{- return(adapter.dispatch('arg_max', 'tradewind')(value, by, ' over (' ~ over ~ ')' if over else '')) -}}
{%- endmacro %}

{% macro clickhouse__arg_max(value, by, over) -%}
    {#- The tuple keeps a null value: argMax alone would pass over it. -#}
    tupleElement(argMax(tuple({{ value }}), {{ by }}){{ over }}, 1)
{%- endmacro %}

{% macro spark__arg_max(value, by, over) -%}
    max_by({{ value }}, {{ by }}){{ over }}
{%- endmacro %}

{% macro percentile(expression, fraction) -%}
    {{- return(adapter.dispatch('percentile', 'tradewind')(expression, fraction)) -}}
{%- endmacro %}

{% macro clickhouse__percentile(expression, fraction) -%}
    {{ as_type('quantileExactInclusive(' ~ fraction ~ ')(toFloat64(' ~ expression ~ '))', 'double') }}
{%- endmacro %}

{% macro spark__percentile(expression, fraction) -%}
    {#- The interpolation of ClickHouse, step by step: that of Spark's own differs in the last bit, and no
        rounding hides a difference beside a half. -#}
    {%- set place = '(' ~ fraction ~ 'D * (size(sorted) - 1) + 1)' -%}
    {%- set below = 'cast(floor(' ~ place ~ ') as int)' -%}
    {%- set lower = 'element_at(sorted, ' ~ below ~ ')' -%}
    {%- set upper = 'element_at(sorted, least(' ~ below ~ ' + 1, size(sorted)))' -%}
    transform(
        array(sort_array(collect_list({{ as_type(expression, 'double') }}))),
        sorted -> case
            when size(sorted) > 0 then {{ lower }} + ({{ place }} - floor({{ place }})) * ({{ upper }} - {{ lower }})
        end
    )[0]
{%- endmacro %}
