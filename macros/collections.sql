{#- Arrays and maps. -#}

{% macro empty_array(type) -%}
    {{- return(adapter.dispatch('empty_array', 'tradewind')(type)) -}}
{%- endmacro %}

{% macro clickhouse__empty_array(type) -%}
    cast([] as {{ column_type(type) }})
{%- endmacro %}

{% macro spark__empty_array(type) -%}
    cast(array() as {{ column_type(type) }})
{%- endmacro %}

{% macro map_value(map, name, otherwise) -%}
    {{- return(adapter.dispatch('map_value', 'tradewind')(map, name, otherwise)) -}}
{%- endmacro %}

{% macro clickhouse__map_value(map, name, otherwise) -%}
    if(mapContains({{ map }}, '{{ name }}'), {{ map }}['{{ name }}'], {{ otherwise }})
{%- endmacro %}

{% macro spark__map_value(map, name, otherwise) -%}
    coalesce({{ map }}['{{ name }}'], {{ otherwise }})
{%- endmacro %}

{% macro older_entries(names, suffix, than) -%}
    {{- return(adapter.dispatch('older_entries', 'tradewind')(names, suffix, than)) -}}
{%- endmacro %}

{% macro clickhouse__older_entries(names, suffix, than) -%}
    mapFilter((name, value) -> value < assumeNotNull({{ than }}), map(
    {%- for name in names -%}
        '{{ name }}', assumeNotNull({{ name }}{{ suffix }}){{ ', ' if not loop.last }}
    {%- endfor -%}
    ))
{%- endmacro %}

{% macro spark__older_entries(names, suffix, than) -%}
    map_filter(map(
    {%- for name in names -%}
        '{{ name }}', {{ name }}{{ suffix }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    ), (name, value) -> value < {{ than }})
{%- endmacro %}
