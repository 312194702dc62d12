{#- Macros and materializations of dbt and its adapters that this project replaces, some through `dispatch` in
    dbt_project.yml; all of them are here, and decision 50 has the reasons. tests/unit/test_private_names.py fails, naming the macro, when an upgrade of an adapter
    changes the original of one of them. -#}

{#- Columns of a table, from its YAML in the engine's types. -#}
{% macro clickhouse__get_table_columns_and_constraints() -%}
    (
    {%- for column in declared_columns() %}
        {{ quoted(column.name) }} {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}

{#- The contract compares the columns of the model's SQL with the YAML in the engine's types. -#}
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

{#- Insert into the declared columns, by name. When a table is created, a query for the columns of the model's SQL has
    checked the contract; afterwards the insert checks it, as that query takes the engine as long as the insert. -#}
{% macro clickhouse__insert_into(target_relation, sql, has_contract, use_columns_from_sql=False) -%}
    {%- if not has_contract -%}
        {{- return(dbt_clickhouse.clickhouse__insert_into(target_relation, sql, has_contract, use_columns_from_sql)) -}}
    {%- endif -%}
    {%- set columns = declared_columns() -%}
    {%- set names = quoted_names(columns) | join(', ') -%}
    insert into {{ target_relation }} ({{ names }})
    select {{ names }}
    from (
        {{ sql }}
    )
    {%- if is_incremental() %}
    where {{ check_contract(columns) }}
    {%- endif %}
    {{ adapter.get_model_query_settings(model) }}
{%- endmacro %}

{#- dbt-spark merges from a temporary view, and Iceberg reads the source of a merge twice: to find the files it touches,
    and to write them. Cached, the increment is computed once, and both reads see the same rows. -#}
{% macro spark__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- do run_query('cache lazy table ' ~ source) -%}
    {{- return(dbt.spark__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates)) -}}
{%- endmacro %}

{#- Comments are altered only where they differ from the YAML: else every run would alter every table that it builds on,
    on Spark with one commit of the Iceberg table per column. -#}
{% macro clickhouse__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set place = "database = '" ~ relation.schema ~ "' and table = '" ~ relation.identifier ~ "'" -%}
    {%- set present = {} -%}
    {%- for row in run_query(
        'select name, comment from system.columns where ' ~ place ~
        " union all select '', comment from system.tables where " ~ place
    ).rows -%}
        {%- do present.setdefault(row[0], row[1]) -%}
    {%- endfor -%}
    {%- set changed = [] -%}
    {%- if for_relation and config.persist_relation_docs() and present[''] != model.description -%}
        {%- do changed.append('modify comment ' ~ clickhouse_escape_comment(model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for column in model.columns.values() if present.get(column.name, column.description) != column.description -%}
            {%- do changed.append('comment column ' ~ quoted(column.name) ~ ' ' ~ clickhouse_escape_comment(column.description)) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if changed -%}
        {%- do run_query('alter table ' ~ relation ~ ' ' ~ changed | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}

{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- set changed = changed_comments(relation, model.columns) -%}
        {%- if changed -%}
            {%- do run_query('alter table ' ~ relation ~ ' alter column ' ~ changed | join(', ')) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro changed_comments(relation, columns) -%}
    {%- set present = {} -%}
    {%- for row in run_query('describe ' ~ relation).rows -%}
        {%- do present.setdefault(row['col_name'], row['comment'] or '') -%}
    {%- endfor -%}
    {%- set changed = [] -%}
    {%- for column in columns.values() if column.name in present and present[column.name] != column.description -%}
        {%- set text = column.description | replace('\\', '\\\\') | replace("'", "\\'") -%}
        {%- do changed.append(quoted(column.name) ~ " comment '" ~ text ~ "'") -%}
    {%- endfor -%}
    {{- return(changed) -}}
{%- endmacro %}

{#- Decides between an incremental run and a whole build; dbt's own knows only --full-refresh. -#}
{% macro should_full_refresh() -%}
    {{- return(dbt.should_full_refresh() or is_redefined()) -}}
{%- endmacro %}

{#- The materializations of tables do nothing for a table that is up to date (macros/up_to_date.sql). -#}
{% materialization table, adapter='clickhouse' %}
    {{ return(leave_as_it_is() if is_up_to_date() else dbt.materialization_table_clickhouse()) }}
{% endmaterialization %}

{% materialization incremental, adapter='clickhouse' %}
    {{ return(leave_as_it_is() if is_up_to_date() else dbt.materialization_incremental_clickhouse()) }}
{% endmaterialization %}

{% materialization seed, adapter='clickhouse' %}
    {% do store_result('agate_table', response='OK', agate_table=load_agate_table()) %}
    {{ return(leave_as_it_is() if is_up_to_date() else dbt.materialization_seed_default()) }}
{% endmaterialization %}

{% materialization table, adapter='spark' %}
    {{ return(leave_as_it_is() if is_up_to_date() else dbt.materialization_table_spark()) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark' %}
    {{ return(leave_as_it_is() if is_up_to_date() else dbt.materialization_incremental_spark()) }}
{% endmaterialization %}

{% materialization seed, adapter='spark' %}
    {% do store_result('agate_table', response='OK', agate_table=load_agate_table()) %}
    {{ return(leave_as_it_is() if is_up_to_date() else dbt.materialization_seed_default()) }}
{% endmaterialization %}
