{#- Comments are altered where they differ from the YAML: else every run would alter every table that it builds on,
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
            {%- do changed.append('comment column `' ~ column.name ~ '` ' ~ clickhouse_escape_comment(column.description)) -%}
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
        {%- do changed.append('`' ~ column.name ~ "` comment '" ~ text ~ "'") -%}
    {%- endfor -%}
    {{- return(changed) -}}
{%- endmacro %}
