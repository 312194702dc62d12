{#- Every row that refers to another one finds it, for all references of a model in one query.
    references: a list of {columns, to, to_columns}. settled_by: a time of the row; rows that changed within
    `settling_seconds` of the run's start are left out, since what they refer to may not have arrived yet. -#}

{% test valid_references(model, references, settled_by=none) %}
{%- for reference in references %}
select
    '{{ escaped(reference['columns'] | join(', ')) }} -> {{ reference.to.identifier }}' as broken_reference,
    {%- for position in range(2) %}
    {%- set column = reference['columns'][position] %}
    {{ as_type('child.' ~ quoted(column) if column else 'null', 'text') }} as value_{{ position + 1 }},
    {%- endfor %}
    count(*) as row_count
from {{ rows_of(model) }} as child
left join {{ rows_of(reference.to) }} as parent
    on
    {%- for column in reference['columns'] %}
    {{ 'and ' if not loop.first }}child.{{ quoted(column) }} = parent.{{ quoted(reference.to_columns[loop.index0]) }}
    {%- endfor %}
where
    parent.{{ quoted(reference.to_columns[0]) }} is null
    {%- for column in reference['columns'] %}
    and child.{{ quoted(column) }} is not null
    {%- endfor %}
    {%- if settled_by %}
    and child.{{ settled_by }} < {{ run_started() }} - interval {{ var('settling_seconds') }} second
    {%- endif %}
group by value_1, value_2
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endtest %}
