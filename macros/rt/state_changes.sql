{#- What a change log says of the rows of a state: the select behind each state table (docs/near-real-time.md).

    state_changes(source('bronze', 'orders'), key={'order_id': 'bigint'}, at=['ordered_at'], columns={...})

    Per event one row with the key, the log position and the columns as they are after it; and one that says
    `is_gone` where the event took the row away from there: a delete, or an update after which the row has another
    key or belongs to another minute. So in each place the row with the greatest position tells whether the
    entity is there, whatever arrived in which order and how often. A truncate is a row of its own at a place that
    no entity has (`truncate_place`).

    `at` names the time stamps of which the first that is set decides the minute; without it, rows have no minute.
    A column's type is a neutral one, not null unless a question mark follows it. -#}

{% macro state_changes(log, key, columns, at=[]) -%}
{%- set place = (['minute'] if at else []) + key.keys() | list -%}
{%- set old_fields = dict(key) -%}
{%- for name in at -%}
    {%- do old_fields.update({name: columns.get(name, 'timestamptz?')}) -%}
{%- endfor -%}
{%- set new_fields = dict(old_fields) -%}
{%- do new_fields.update(columns) -%}
with events as (
    select
        _op,
        toUInt128(_position) as position,
        JSONExtract(
            ifNull(payload, ''),
            'Tuple(before Tuple({{ json_fields(old_fields) }}), after Tuple({{ json_fields(new_fields) }}))'
        ) as image
    from {{ log }}
    where _op in ('c', 'r', 'u', 'd', 't') /*chunk*/
),

images as (
    select
        _op,
        position,
        {%- if at %}
        {{ state_minute('image.before', old_fields, at) }} as old_minute,
        {{ state_minute('image.after', old_fields, at) }} as new_minute,
        {%- endif %}
        {%- for name in key %}
        {{ json_field('image.before', name, key[name]) }} as old_{{ name }},
        {{ json_field('image.after', name, key[name]) }} as new_{{ name }},
        {%- endfor %}
        image
    from events
),

moves as (
    select
        *,
        tuple(old_{{ place | join(', old_') }}) != tuple(new_{{ place | join(', new_') }}) as has_moved
    from images
),

placed as (
    select
        *,
        arrayJoin(multiIf(_op in ('d', 't'), [true], _op = 'u' and has_moved, [true, false], [false])) as is_gone
    from moves
)

select
    {%- if at %}
    if(_op = 't', toDateTime(0, 'UTC'), if(is_gone, old_minute, new_minute)) as minute,
    {%- endif %}
    {%- for name, type in key.items() %}
    if(_op = 't', {{ truncate_place(type) if loop.first else zero_value(type) }}, if(is_gone, old_{{ name }}, new_{{ name }})) as {{ name }},
    {%- endfor %}
    position,
    is_gone,
    {%- for name, type in columns.items() %}
    {{ json_field('image.after', name, type) }} as {{ name }},
    {%- endfor %}
    now64(6, 'UTC') as arrived_at
from placed
{%- if at %}
where _op = 't' or minute >= now() - interval {{ var('rt_retention_days') }} day
{%- endif %}
{%- endmacro %}

{#- The fields of a JSON object as the elements of a tuple type. -#}
{% macro json_fields(columns) -%}
    {%- for name, type in columns.items() -%}
        {{ name }} {{ json_type(type) | replace("'", "\\'") }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro json_type(type) -%}
    {%- set name = type | replace('?', '') -%}
    {{- return(column_type('text' if name in ('timestamptz', 'date') else name, '?' in type)) -}}
{%- endmacro %}

{% macro json_field(image, name, type) -%}
    {%- set value = image ~ '.' ~ name -%}
    {%- if type == 'timestamptz?' -%} parseDateTime64BestEffortOrNull({{ value }}, 6, 'UTC')
    {%- elif type == 'timestamptz' -%} parseDateTime64BestEffortOrZero({{ value }}, 6, 'UTC')
    {%- elif type == 'date' -%} toDate32OrZero(substring({{ value }}, 1, 10))
    {%- else -%} {{ value }}
    {%- endif -%}
{%- endmacro %}

{#- The minute of a row; 1970, which is older than anything kept, where it has no time or one that no minute can hold. -#}
{% macro state_minute(image, columns, at) -%}
    {%- set times = [] -%}
    {%- for name in at -%}
        {%- do times.append(json_field(image, name, columns[name])) -%}
    {%- endfor -%}
    {%- set moment = 'coalesce(' ~ times | join(', ') ~ ')' if times | length > 1 else times[0] -%}
    toStartOfMinute(toDateTime(ifNull(if({{ moment }} between toDateTime64('1970-01-01', 6, 'UTC') and toDateTime64('2100-01-01', 6, 'UTC'), {{ moment }}, null), toDateTime64(0, 6, 'UTC')), 'UTC'))
{%- endmacro %}

{#- The first key of the row that stands for a truncate: no source gives it to a row. -#}
{% macro truncate_place(type) -%}
    {{- return("''" if type in ('text', 'code') else 'toInt64(-9223372036854775808)') -}}
{%- endmacro %}

{% macro zero_value(type) -%}
    {{- return("defaultValueOfTypeName('" ~ column_type(type, false) | replace("'", "\\'") ~ "')") -}}
{%- endmacro %}
