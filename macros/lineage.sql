{#- What a model is made from, by dbt's graph of the project. -#}

{#- The source tables that a model's rows come from, sorted. Models that others only look something up in do not count. -#}
{% macro source_tables_of(unique_id) -%}
    {%- set lookups = ['dim_date', 'dim_fx_rate', 'excluded_rows'] -%}
    {%- set found = [] -%}
    {%- for parent in graph.nodes[unique_id].depends_on.nodes -%}
        {%- set name = parent.split('.')[-1] -%}
        {%- if name.startswith('ods_') -%}
            {%- do found.append(name[4:]) -%}
        {%- elif parent.startswith('model.') and name not in lookups -%}
            {%- do found.extend(source_tables_of(parent)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found | unique | sort) -}}
{%- endmacro %}

{#- Each mart's name with its source tables. -#}
{% macro marts() -%}
    {%- set found = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.fqn[1] == 'ads' and node.unique_id != model.unique_id -%}
        {%- do found.update({node.name: source_tables_of(node.unique_id)}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
