{#- Column comments on Spark, which would otherwise take one commit of the Iceberg table per column and run. -#}

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
        {%- do changed.append('`' ~ column.name ~ "` comment '" ~ text ~ "'") -%}
    {%- endfor -%}
    {{- return(changed) -}}
{%- endmacro %}
