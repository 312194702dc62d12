{#- Conditions that stop a run instead of losing a row. -#}

{% macro must_hold(condition, message) -%}
    {{- return(adapter.dispatch('must_hold', 'tradewind')(condition, message)) -}}
{%- endmacro %}

{% macro clickhouse__must_hold(condition, message) -%}
    throwIf(not ({{ condition }}), '{{ message }}') = 0
{%- endmacro %}

{% macro spark__must_hold(condition, message) -%}
    case when {{ condition }} then true else raise_error('{{ message }}') end
{%- endmacro %}
