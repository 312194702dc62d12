{#- Rules that concern one row, in one scan: a row is returned with the first rule it breaks.
    key: unique, and no column of it null. not_null: columns. accepted_values: column -> its values.
    in_range: column -> [smallest, largest]. expressions: rule's name -> a condition that must be true.
    unique: lists of columns that no two rows share. -#}

{% test valid_rows(model, key, not_null=[], accepted_values={}, in_range={}, expressions={}, unique=[]) %}
{%- set keys = [] -%}
{%- for column in key -%}
    {%- do keys.append(quoted(column)) -%}
{%- endfor -%}
with checked as (
    select
        {{ keys | join(', ') }},
        case
            {%- for column in key + not_null %}
            when {{ quoted(column) }} is null then '{{ escaped(column) }} is null'
            {%- endfor %}
            {%- for column, values in accepted_values.items() %}
            when {{ quoted(column) }} not in ('{{ values | map('replace', "\\", "\\\\") | map('replace', "'", "\\'") | join("', '") }}') then '{{ escaped(column) }} has an unknown value'
            {%- endfor %}
            {%- for column, limits in in_range.items() %}
            when {{ quoted(column) }} < {{ limits[0] }} or {{ quoted(column) }} > {{ limits[1] }} then '{{ column }} is not in {{ limits[0] }} to {{ limits[1] }}'
            {%- endfor %}
            {%- for name, condition in expressions.items() %}
            when coalesce(not ({{ condition }}), true) then '{{ name }}'
            {%- endfor %}
        end as broken_rule
    from {{ rows_of(model) }}
)

select {{ keys | join(', ') }}, broken_rule
from checked
where broken_rule is not null
union all
select {{ keys | join(', ') }}, '{{ escaped(key | join(', ')) }} is not unique' as broken_rule
from checked
group by {{ keys | join(', ') }}
having count(*) > 1
{%- for columns in unique %}
union all
select
    {%- for column in key %}
    min({{ quoted(column) }}) as {{ quoted(column) }},
    {%- endfor %}
    '{{ columns | join(', ') }} is not unique' as broken_rule
from {{ rows_of(model) }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endfor %}
{% endtest %}
