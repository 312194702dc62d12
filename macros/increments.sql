{#- How an increment gets into an Iceberg table. dbt-spark merges from a temporary view, and Iceberg reads the source of
    a merge twice: to find the files it touches, and to write them. Cached, the increment is computed once, and both
    readings see the same rows. -#}

{% macro spark__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- do run_query('cache lazy table ' ~ source) -%}
    {{- return(dbt.spark__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates)) -}}
{%- endmacro %}

{#- After the merge: what was cached for it goes. -#}
{% macro forget_increment() -%}
    {{- return(adapter.dispatch('forget_increment', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__forget_increment() -%}
{%- endmacro %}

{% macro spark__forget_increment() -%}
    {%- if is_incremental() -%} drop view if exists {{ this.identifier }}__dbt_tmp {%- endif -%}
{%- endmacro %}
