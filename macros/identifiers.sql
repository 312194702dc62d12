{#- Names and texts of the source in SQL. -#}

{#- A column's name as it is, in any spelling: `order`, `two words`. -#}
{% macro quoted(name) -%}
    {{- return('`' ~ name | replace('`', '``') ~ '`') -}}
{%- endmacro %}

{#- The quoted names of columns that are mappings with a `name`. -#}
{% macro quoted_names(columns) -%}
    {%- set names = [] -%}
    {%- for column in columns -%}
        {%- do names.append(quoted(column.name)) -%}
    {%- endfor -%}
    {{- return(names) -}}
{%- endmacro %}

{#- A text inside a string literal. -#}
{% macro escaped(text) -%}
    {{- return(text | replace('\\', '\\\\') | replace("'", "\\'")) -}}
{%- endmacro %}
