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

{#- The rows of any table for a test: the current ones where the table has tombstones, else all. The columns are taken
    from the YAML, which saves a query. -#}
{% macro rows_of(relation) -%}
    {%- set model = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ relation.identifier, {}) -%}
    {{- return(current_rows(relation) if '_is_deleted' in model.get('columns', {}) else relation) -}}
{%- endmacro %}

{#- The rows of a table and of those that inherit from it: computed when they are read, but for Iceberg, whose catalogue
    has no views. -#}
{% macro inherited_rows_materialization() -%}
    {{- return('table' if target.type == 'spark' else 'view') -}}
{%- endmacro %}
