{#- Contracts over neutral types. These override the adapters' macros through `dispatch` in dbt_project.yml, so
    that one YAML (`data_type: decimal(18,2)`) is checked and created as each engine's own type.
    A column is nullable unless its YAML carries the constraint `not_null`. -#}

{% macro contract_type(column) -%}
    {%- set ns = namespace(nullable=true) -%}
    {%- for constraint in column.constraints or [] if constraint.type == 'not_null' -%}
        {%- set ns.nullable = false -%}
    {%- endfor -%}
    {%- if not column.data_type -%}
        {{- exceptions.raise_compiler_error(model.name ~ '.' ~ column.name ~ ' has no data_type in its YAML') -}}
    {%- endif -%}
    {{- return(column_type(column.data_type, ns.nullable)) -}}
{%- endmacro %}

{% macro declared_columns() -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append({'name': column.name, 'data_type': contract_type(column)}) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}

{% macro clickhouse__get_table_columns_and_constraints() -%}
    (
    {%- for column in declared_columns() %}
        `{{ column.name }}` {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}

{% macro clickhouse__get_assert_columns_equivalent(sql) -%}
    {%- set found = adapter.format_columns(adapter.get_column_schema_from_query(sql)) -%}
    {%- do assert_contract(found) -%}
{%- endmacro %}

{% macro spark__get_assert_columns_equivalent(sql) -%}
    {%- set found = [] -%}
    {%- for column in get_column_schema_from_query(sql) -%}
        {%- do found.append({'name': column.name, 'data_type': column.dtype}) -%}
    {%- endfor -%}
    {%- do assert_contract(found) -%}
{%- endmacro %}

{% macro assert_contract(found) -%}
    {%- set declared = declared_columns() -%}
    {%- set found_types = {} -%}
    {%- for column in found -%}
        {%- do found_types.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- set differs = namespace(any=found | length != declared | length) -%}
    {%- for column in declared if found_types.get(column.name) != column.data_type -%}
        {%- set differs.any = true -%}
    {%- endfor -%}
    {%- if differs.any -%}
        {%- do exceptions.raise_contract_error(declared, found) -%}
    {%- endif -%}
{%- endmacro %}

{#- Before a table is built on: the columns that its YAML declares no more go. (Under a contract, dbt itself only adds
    columns.) -#}
{% macro drop_undeclared_columns() -%}
    {%- if execute and load_cached_relation(this) -%}
        {%- for column in adapter.get_columns_in_relation(this) if column.name not in model.columns -%}
            {%- do run_query('alter table ' ~ this ~ ' drop column `' ~ column.name ~ '`') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
