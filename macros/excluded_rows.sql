{#- Source rows that cannot be valued: the model `excluded_rows` names them, facts and marts leave them out, and a build
    fails when they are too many. -#}

{#- The last day that a date may have: two years after the newest order was loaded. Not the run's own time: a build
    without new data gives the same tables. -#}
{% macro latest_valid_date() -%}
    (select {{ as_type(day_of('max(_loaded_at)') ~ ' + interval 2 year', 'date') }} from {{ current_rows(ref('ods_orders')) }})
{%- endmacro %}

{#- The primary key of a row as one text; of several columns with a blank between them. -#}
{% macro row_key_of(key) -%}
    {%- set texts = [] -%}
    {%- for column in ([key] if key is string else key) -%}
        {%- do texts.append(as_type(column, 'text')) -%}
    {%- endfor -%}
    {{- texts[0] if texts | length == 1 else 'concat(' ~ texts | join(", ' ', ") ~ ')' -}}
{%- endmacro %}

{#- The rows of an ODS table that can be valued. -#}
{% macro included_rows(relation, row_id) -%}
    (
        select *
        from {{ current_rows(relation) }} as source_rows
        where {{ row_key_of(row_id) }} not in (
            select row_key from {{ current_rows(ref('excluded_rows')) }} as excluded
            where table_name = '{{ source_table(relation) }}'
        )
    )
{%- endmacro %}

{#- A query for `changed_keys`: the keys of rows that have become excluded or are so no longer. -#}
{% macro keys_of_exclusions(relation, row_id, key) -%}
select {{ listed(key) }}
    from {{ current_rows(relation) }} as source_rows
    where {{ row_key_of(row_id) }} in (
        select row_key from {{ changed_rows(ref('excluded_rows')) }} as changed
        where table_name = '{{ source_table(relation) }}'
    )
{%- endmacro %}

{#- `orders` for ods_orders. -#}
{% macro source_table(relation) -%}
    {{- return(relation.identifier.split('ods_')[-1]) -}}
{%- endmacro %}

{#- Fails the run when more rows of a table are excluded than the variables allow (post-hook of excluded_rows,
    before its state is recorded, so that the next run does not take it for built). -#}
{% macro limit_excluded_rows() -%}
    {%- if execute -%}
    {#- Causes come before the rows that only refer to them. -#}
    {%- set query -%}
        select table_name, count(*) as row_count
        from {{ current_rows(this) }} as excluded
        group by table_name
        order by sum(case when rule = 'refers_to_excluded_row' then 0 else 1 end) desc, table_name
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
        {%- if row['row_count'] > var('max_excluded_rows') -%}
            {%- set relation = ref('ods_' ~ row['table_name']) -%}
            {%- set total = run_query('select count(*) as row_count from ' ~ current_rows(relation) ~ ' as source_rows').rows[0]['row_count'] -%}
            {%- if row['row_count'] > total * (var('max_excluded_rate') | float) -%}
                {%- do too_many_excluded_rows(row['table_name'], row['row_count'], total) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro too_many_excluded_rows(table, count, total) -%}
    {%- set query -%}
        select row_key, column_name, rule, value from {{ current_rows(this) }} as excluded
        where table_name = '{{ table }}' order by rule, row_key limit 3
    {%- endset -%}
    {%- set examples = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- do examples.append(row['row_key'] ~ ' (' ~ row['column_name'] ~ ' ' ~ row['value'] ~ ': ' ~ row['rule'] ~ ')') -%}
    {%- endfor -%}
    {{- exceptions.raise_compiler_error(
        count ~ ' of ' ~ total ~ ' rows of ' ~ table ~ ' cannot be valued, such as ' ~ examples | join(', ') ~ '; ' ~ this
        ~ ' lists them. Mend the cause, for example add the missing rates to fx_rates; or raise the variables'
        ~ ' max_excluded_rows and max_excluded_rate'
    ) -}}
{%- endmacro %}
