{#- A relation of one column per name: each row a list of texts (or none), cast to the neutral types. -#}
{% macro edge_values(columns, rows) -%}
    {%- for row in rows %}
    select
        {%- for name, type in columns.items() %}
        {%- set value = row[loop.index0] %}
        {{ as_type('null' if value is none else "'" ~ value ~ "'", type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
