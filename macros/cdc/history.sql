{#- What rows were over time, from the change log itself. -#}

{#- Every state that a row had, as its inserts, updates and snapshot reads tell it: the columns, their log position
    (`_position`) and the time of the commit (`changed_by`, which a clock that was set back does not lower). Deletes end
    nothing here: what was true before one stays true of that time. -#}
{% macro logged_states(log, key, columns) -%}
    select
        {%- for name in columns %}
        {{ quoted(name) }},
        {%- endfor %}
        _position,
        max(_changed_at) over (
            partition by {{ key | join(', ') }} order by _position rows between unbounded preceding and current row
        ) as changed_by
    from (
        select
            {%- for name, type in columns.items() %}
            {{ image_column(name, type) }} as {{ quoted(name) }},
            {%- endfor %}
            _position,
            _changed_at
        from (
            select
                {{ as_type('_op', 'text') }} as _op,
                {{ as_type('_position', 'text') }} as _position,
                {{ as_type('_changed_at', 'timestamptz') }} as _changed_at,
                {{ row_image(columns) }} as _image
            from {{ log }}
            where _op in ('c', 'r', 'u') and {{ belongs_to_run() }}
        ) as arrived
        where {{ is_valid_event('_image', key, columns) }}
    ) as states
{%- endmacro %}

{#- The moment from which the first known version of everything counts. -#}
{% macro beginning_of_time() -%}
    {{ as_type("'1970-01-01 00:00:00'", 'timestamptz') }}
{%- endmacro %}

{#- Versions from candidates (a CTE with the key, `valid_from`, `is_logged` and the columns that are versioned): equal
    neighbours are one version; the first reaches back to the beginning, and is assumed where only the log knows it; each
    ends where the next begins. Of several candidates of one moment the last, by `place`, counts. -#}
{% macro versions_over_time(candidates, key, columns) -%}
    select
        {{ key }},
        case when version_number = 1 then {{ beginning_of_time() }} else valid_from end as valid_from,
        lead(valid_from) over (partition by {{ key }} order by version_number) as valid_to,
        valid_from as known_from,
        version_number,
        version_number = 1 and is_logged as is_assumed,
        {{ columns | join(', ') }}
    from (
        select
            *,
            {{ as_type('row_number() over (partition by ' ~ key ~ ' order by valid_from)', 'bigint') }} as version_number
        from (
            select
                *,
                lag({{ key }}) over (partition by {{ key }} order by valid_from) as previous_key,
                {%- for column in columns %}
                lag({{ column }}) over (partition by {{ key }} order by valid_from) as previous_{{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            from (
                select *, row_number() over (partition by {{ key }}, valid_from order by is_logged, place desc) as choice
                from {{ candidates }}
            ) as of_one_moment
            where choice = 1
        ) as neighbours
        where
            previous_key is null
            {%- for column in columns %}
            or coalesce({{ as_type(column, 'text') }}, '') <> coalesce({{ as_type('previous_' ~ column, 'text') }}, '')
            {%- endfor %}
    ) as numbered
{%- endmacro %}

{#- Whether a version held at a moment; for the condition of a join by the key. -#}
{% macro held_at(version, moment) -%}
    {{ moment }} >= {{ version }}.valid_from and ({{ version }}.valid_to is null or {{ moment }} < {{ version }}.valid_to)
{%- endmacro %}
