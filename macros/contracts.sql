{#- Contracts over neutral types: one YAML (`data_type: decimal(18,2)`) is checked and created as each engine's own
    type (with macros/adapter_overrides.sql). A column is nullable unless its YAML carries the constraint `not_null`. -#}

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

{#- Before a table is built on: its columns become those of its YAML. (Under a contract, dbt itself only adds columns, and
    on ClickHouse has the engine analyse the model's query once more to learn which.) -#}
{% macro align_columns() -%}
    {%- if is_incremental() -%}
        {%- set changes = column_changes(adapter.get_columns_in_relation(this)) -%}
        {%- if changes and config.get('on_schema_change') == 'fail' -%}
            {%- do must_be_rebuilt('other columns than its YAML: ' ~ changes | join(', ')) -%}
        {%- endif -%}
        {%- for change in changes -%}
            {%- do run_query('alter table ' ~ this ~ ' ' ~ change) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro must_be_rebuilt(difference) -%}
    {{- exceptions.raise_compiler_error(this ~ ' has ' ~ difference ~ '; build it anew: --full-refresh') -}}
{%- endmacro %}

{% macro column_changes(columns) -%}
    {{- return(adapter.dispatch('column_changes', 'tradewind')(columns)) -}}
{%- endmacro %}

{% macro clickhouse__column_changes(columns) -%}
    {%- set changes = [] -%}
    {%- set present = {} -%}
    {%- for column in columns -%}
        {%- do present.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- for column in declared_columns() -%}
        {%- if column.name not in present -%}
            {%- do changes.append('add column ' ~ quoted(column.name) ~ ' ' ~ column.data_type) -%}
        {%- elif present[column.name] != column.data_type -%}
            {%- do must_be_rebuilt(column.name ~ ' as ' ~ present[column.name] ~ ', its YAML as ' ~ column.data_type) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in present if name not in model.columns -%}
        {%- do changes.append('drop column ' ~ quoted(name)) -%}
    {%- endfor -%}
    {{- return(changes) -}}
{%- endmacro %}

{#- What the table lacks, dbt-spark adds. -#}
{% macro spark__column_changes(columns) -%}
    {%- set changes = [] -%}
    {%- for column in columns if column.name not in model.columns -%}
        {%- do changes.append('drop column ' ~ quoted(column.name)) -%}
    {%- endfor -%}
    {{- return(changes) -}}
{%- endmacro %}

{#- A condition that is true, or stops a query whose columns have other types. -#}
{% macro check_contract(columns) -%}
    throwIf(
        notEmpty(arrayFilter(
            (name, given, declared) -> given != declared,
            ['{{ columns | map(attribute='name') | map('replace', "'", "\\'") | join("', '") }}'],
            [toTypeName({{ quoted_names(columns) | join('), toTypeName(') }})],
            ['{{ columns | map(attribute='data_type') | map('replace', "'", "\\'") | join("', '") }}']
        ) as _broken),
        concat('{{ this.identifier }} breaks its contract: its SQL gives other types than its YAML declares for ', toString(_broken))
    ) = 0
{%- endmacro %}
