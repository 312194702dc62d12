{#- The row inside a Debezium envelope: one JSON parse per event, into texts; then typed columns (validity.sql). Arrays are
    JSON texts on ClickHouse.

    Numerics and times travel as text (decimal.handling.mode=string, time.precision.mode=isostring). -#}

{% macro row_image(columns) -%}
    {{- return(adapter.dispatch('row_image', 'tradewind')(columns)) -}}
{%- endmacro %}

{% macro clickhouse__row_image(columns) -%}
    JSONExtract(
        ifNull(payload, ''), if(cast(_op as String) = 'd', 'before', 'after'),
        'Tuple(
        {%- for name in columns -%}
            {{ escaped(quoted(name)) }} Nullable(String){{ ', ' if not loop.last }}
        {%- endfor -%}
        )'
    )
{%- endmacro %}

{% macro spark__row_image(columns) -%}
    {%- set row -%}
    struct<
        {%- for name, type in columns.items() -%}
            {{ escaped(quoted(name)) }}: {{ column_type(type) if type.startswith('array<') else 'string' }}{{ ', ' if not loop.last }}
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
    {%- set value = clickhouse__text_of('_image', name) -%}
    {{- 'tryBase64Decode(' ~ value ~ ')' if is_encoded else clickhouse__read_value(value, type) -}}
{%- endmacro %}

{% macro spark__image_column(name, type, is_encoded) -%}
    {%- set value = '_image.' ~ quoted(name) -%}
    {{- 'decode(unbase64(' ~ value ~ "), 'UTF-8')" if is_encoded else spark__read_value(value, type) -}}
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
