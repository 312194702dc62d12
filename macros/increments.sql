{#- After a merge on Spark: drops the cached increment (macros/adapter_overrides.sql). -#}
{% macro forget_increment() -%}
    {{- return(adapter.dispatch('forget_increment', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__forget_increment() -%}
{%- endmacro %}

{% macro spark__forget_increment() -%}
    {%- if is_incremental() -%} drop view if exists {{ this.identifier }}__dbt_tmp {%- endif -%}
{%- endmacro %}
