{#- The folder is the layer is the database: `ods`, `cdm`, `ads`, with no prefix. -#}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{% macro live(relation) -%}
    {{- return(adapter.dispatch('live', 'tradewind')(relation)) -}}
{%- endmacro %}

{% macro clickhouse__live(relation) -%}
    {{ relation }}
{%- endmacro %}

{% macro spark__live(relation) -%}
    (select * from {{ relation }} where coalesce(_is_deleted, 0) = 0)
{%- endmacro %}

{#- For tests of tables of any kind: the live rows where there are tombstones, else every row. What a model's columns
    are is in its YAML, so the engine need not be asked. -#}
{% macro live_rows(relation) -%}
    {%- set model = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ relation.identifier, {}) -%}
    {{- return(live(relation) if '_is_deleted' in model.get('columns', {}) else relation) -}}
{%- endmacro %}
