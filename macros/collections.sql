{#- Arrays, and small maps kept as JSON text. -#}

{% macro empty_array(type) -%}
    {{- return(adapter.dispatch('empty_array', 'tradewind')(type)) -}}
{%- endmacro %}

{% macro clickhouse__empty_array(type) -%}
    cast([] as {{ column_type(type) }})
{%- endmacro %}

{% macro spark__empty_array(type) -%}
    cast(array() as {{ column_type(type) }})
{%- endmacro %}

{% macro json_text(json, key) -%}
    {{- return(adapter.dispatch('json_text', 'tradewind')(json, key)) -}}
{%- endmacro %}

{% macro clickhouse__json_text(json, key) -%}
    JSONExtract(coalesce({{ json }}, ''), '{{ escaped(key) }}', 'Nullable(String)')
{%- endmacro %}

{% macro spark__json_text(json, key) -%}
    get_json_object({{ json }}, '$.{{ key }}')
{%- endmacro %}

{% macro json_of_older(names, suffix, than) -%}
    nullif({{ adapter.dispatch('json_of_older', 'tradewind')(names, suffix, than) }}, '{}')
{%- endmacro %}

{% macro clickhouse__json_of_older(names, suffix, than) -%}
    toJSONString(mapFilter((name, value) -> value < assumeNotNull({{ than }}), map(
    {%- for name in names -%}
        '{{ escaped(name) }}', assumeNotNull({{ quoted(name ~ suffix) }}){{ ', ' if not loop.last }}
    {%- endfor -%}
    )))
{%- endmacro %}

{% macro spark__json_of_older(names, suffix, than) -%}
    to_json(map_filter(map(
    {%- for name in names -%}
        '{{ escaped(name) }}', {{ quoted(name ~ suffix) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    ), (name, value) -> value < {{ than }}))
{%- endmacro %}
