{#- The row inside a Debezium envelope: one JSON parse per event, then typed columns.

    Numerics and times travel as text (decimal.handling.mode=string, time.precision.mode=isostring). -#}

{% macro row_image(columns) -%}
    {{- return(adapter.dispatch('row_image', 'tradewind')(columns)) -}}
{%- endmacro %}

{% macro clickhouse__row_image(columns) -%}
    JSONExtract(
        assumeNotNull(payload), if(cast(_op as String) = 'd', 'before', 'after'),
        'Tuple(
        {%- for name, type in columns.items() -%}
            {{ escaped(quoted(name)) }} {{ column_type('text' if type in ('timestamptz', 'date') else type) | replace("'", "\\'") }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        )'
    )
{%- endmacro %}

{% macro spark__row_image(columns) -%}
    {%- set row -%}
    struct<
        {%- for name, type in columns.items() -%}
            {{ escaped(quoted(name)) }}: {{ 'string' if type in ('timestamptz', 'date', 'json') or type.startswith('decimal(') else column_type(type) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    >
    {%- endset -%}
    case
        when _op = 'd' then from_json(payload, 'before {{ row }}').before
        else from_json(payload, 'after {{ row }}').after
    end
{%- endmacro %}

{% macro image_column(name, type, is_encoded=false) -%}
    {{- return(adapter.dispatch('image_column', 'tradewind')(name, type, is_encoded)) -}}
{%- endmacro %}

{% macro clickhouse__image_column(name, type, is_encoded) -%}
    {%- set value = 'tupleElement(_image, \'' ~ escaped(name) ~ '\')' -%}
    {%- if is_encoded -%} tryBase64Decode({{ value }})
    {%- elif type == 'timestamptz' -%} parseDateTime64BestEffortOrNull({{ value }}, 6, 'UTC')
    {%- elif type == 'date' -%} toDate32OrNull(substring({{ value }}, 1, 10))
    {%- else -%} {{ value }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__image_column(name, type, is_encoded) -%}
    {%- set value = '_image.' ~ quoted(name) -%}
    {%- if is_encoded -%} decode(unbase64({{ value }}), 'UTF-8')
    {%- elif type == 'timestamptz' -%} try_cast({{ value }} as timestamp)
    {%- elif type == 'date' -%} try_cast(substring({{ value }}, 1, 10) as date)
    {%- elif type.startswith('decimal(') -%} try_cast({{ value }} as {{ column_type(type) }})
    {%- elif type.startswith('array<') -%} coalesce({{ value }}, array())
    {%- else -%} {{ value }}
    {%- endif -%}
{%- endmacro %}

{#- Debezium's placeholder for a value that the source did not log (unchanged TOAST): as text, as the single
    element of an array, or base64 encoded. -#}
{% macro is_unavailable(value, type) -%}
    {%- if type == 'array<text>' -%}
        {{- return(adapter.dispatch('is_unavailable_array', 'tradewind')(value)) -}}
    {%- else -%}
        {{- return("coalesce(" ~ value ~ " in ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=='), false)") -}}
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__is_unavailable_array(value) -%}
    has({{ value }}, '__debezium_unavailable_value')
{%- endmacro %}

{% macro spark__is_unavailable_array(value) -%}
    array_contains({{ value }}, '__debezium_unavailable_value')
{%- endmacro %}

{% macro unless_unavailable(value, type) -%}
    {{- return('case when ' ~ is_unavailable(value, type) ~ ' then ' ~ typed_null(type) ~ ' else ' ~ value ~ ' end') -}}
{%- endmacro %}

{#- The absent value of a type: arrays cannot be null. -#}
{% macro typed_null(type) -%}
    {{- return(empty_array(type) if type.startswith('array<') else as_type('null', type)) -}}
{%- endmacro %}
