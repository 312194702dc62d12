{#- Conditions that stop a run instead of losing a row. -#}

{#- A value that must not be null, or the run stops. It is checked where it is selected, not by a filter: an engine may
    ask a filter before another one, and computes twice what a filter needs as well. -#}
{% macro must_be_given(value, message) -%}
    {{- return(adapter.dispatch('must_be_given', 'tradewind')(value, message)) -}}
{%- endmacro %}

{#- The value is written once, with a name: written three times, one inside another makes 9 and 27 of it, all of which
    are parsed and planned. -#}
{% macro clickhouse__must_be_given(value, message) -%}
    {%- set name = '_given_' ~ local_md5(value)[:12] -%}
    if(throwIf(isNull({{ value }} as {{ name }}), '{{ message }}') = 0, assumeNotNull({{ name }}), assumeNotNull({{ name }}))
{%- endmacro %}

{% macro spark__must_be_given(value, message) -%}
    coalesce({{ value }}, raise_error('{{ message }}'))
{%- endmacro %}
