{#- The folder is the layer is the database: `ods`, `cdm`, `ads`, with no prefix. -#}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{% macro current_rows(relation) -%}
    {{- return(adapter.dispatch('current_rows', 'tradewind')(relation)) -}}
{%- endmacro %}

{% macro clickhouse__current_rows(relation) -%}
    {{ relation }}
{%- endmacro %}

{% macro spark__current_rows(relation) -%}
    (select * from {{ relation }} where coalesce(_is_deleted, 0) = 0)
{%- endmacro %}

{#- For tests of tables of any kind: the live rows where there are tombstones, else every row. What a model's columns
    are is in its YAML, so the engine need not be asked. -#}
{% macro rows_of(relation) -%}
    {%- set model = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ relation.identifier, {}) -%}
    {{- return(current_rows(relation) if '_is_deleted' in model.get('columns', {}) else relation) -}}
{%- endmacro %}

{#- The rows of a table and of those that inherit from it: computed when they are read, but for Iceberg, whose catalogue
    has no views. -#}
{% macro inherited_rows_materialization() -%}
    {{- return('table' if target.type == 'spark' else 'view') -}}
{%- endmacro %}
