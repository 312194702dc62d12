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
    {#- Interpolated, as percentile_cont; rounded, for the last bits of the interpolation differ. -#}
    {{ as_type('round(quantileExactInclusive(' ~ fraction ~ ')(toFloat64(' ~ expression ~ ')), 6)', 'double') }}
{%- endmacro %}

{% macro spark__percentile(expression, fraction) -%}
    round(percentile(cast({{ expression }} as double), {{ fraction }}), 6)
{%- endmacro %}
