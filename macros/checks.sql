{#- Conditions that stop a run instead of losing a row. -#}

{#- A value that must not be null, or the run stops. It is checked where it is selected, not by a filter: an engine may
    ask a filter before another one, and computes twice what a filter needs as well. -#}
{% macro must_be_given(value, message) -%}
    {{- return(adapter.dispatch('must_be_given', 'tradewind')(value, message)) -}}
{%- endmacro %}

{% macro clickhouse__must_be_given(value, message) -%}
    if(throwIf(isNull({{ value }}), '{{ message }}') = 0, assumeNotNull({{ value }}), assumeNotNull({{ value }}))
{%- endmacro %}

{% macro spark__must_be_given(value, message) -%}
    coalesce({{ value }}, raise_error('{{ message }}'))
{%- endmacro %}
