{#- What a change log says of the rows of a state: the select behind each state table (docs/near-real-time.md).

    state_changes(source('bronze', 'orders'), key={'order_id': 'bigint'}, at=['ordered_at'], columns={...})

    Per event one row with the key, the log position and the columns as they are after it; and one that says
    `is_gone` where the event took the row away from there: a delete, or an update after which the row has another
    key or belongs to another minute. So in each place the row with the greatest position tells whether the
    entity is there, whatever arrived in which order and how often. A truncate is a row of its own at a place that
    no entity has (`truncate_place`).

    What ODS leaves out (macros/cdc/validity.sql) is left out here, too.

    `at` names the time stamps of which the first that is set decides the minute; without it, rows have no minute.
    A column's type is a neutral one, not null unless a question mark follows it. -#}

{% macro state_changes(log, key, columns, at=[]) -%}
{%- set place = (['minute'] if at else []) + key.keys() | list -%}
{%- set checked = checked_columns(log, key) -%}
{%- set old_fields, new_fields = dict(key), dict(key) -%}
{%- for name in at -%}
    {%- do old_fields.update({name: columns.get(name, 'timestamptz?')}) -%}
{%- endfor -%}
{%- for fields in [old_fields, columns, checked] -%}
    {%- do new_fields.update(fields) -%}
{%- endfor -%}
with arrived as (
    select
        _op,
        _position,
        -- An output of the filter, not only read by it: the engine would parse an event anew for each branch.
        JSONExtract(
            ifNull(payload, ''),
            'Tuple(before Tuple({{ json_fields(old_fields) }}), after Tuple({{ json_fields(new_fields) }}))'
        ) as image
    from {{ log }}
    where _op in ('c', 'r', 'u', 'd', 't') /*chunk*/
),

events as (
    select _op, toUInt128OrZero(_position) as position, image
    from arrived
    where multiIf(
        _op = 't', {{ is_valid_position() }},
        _op = 'd', {{ is_valid_event('image.before', key.keys() | list, key) }},
        {{ is_valid_event('image.after', key.keys() | list, checked) }}
    )
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

{#- The columns of a log whose values ODS checks, with their types: those of the key, and all that do not hold any text. -#}
{% macro checked_columns(log, key) -%}
    {%- set found = dict(key) -%}
    {%- for node in graph.get('nodes', {}).values() if execute and node.resource_type == 'model' and node.fqn[1] == 'ods' -%}
        {%- for name in node.depends_on.nodes if name.split('.')[-2:] == ['bronze', log.identifier] -%}
            {%- for column in node.columns.values() if not column.name.startswith('_') -%}
                {%- if column.name in key or not clickhouse__takes_any(column.data_type) | int -%}
                    {%- do found.update({column.name: column.data_type}) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The fields of a JSON object as the elements of a tuple type: texts, of which json_field makes values. -#}
{% macro json_fields(columns) -%}
    {%- for name in columns -%}
        {{ name }} Nullable(String){{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- A value of a type from such a text. -#}
{% macro json_field(image, name, type) -%}
    {%- set plain = 'text' if type == 'code' else type | replace('?', '') -%}
    {%- set value = clickhouse__read_value(image ~ '.' ~ name, plain) -%}
    {%- if '?' in type -%} {{ value }}
    {%- elif type == 'code' -%} toLowCardinality(ifNull({{ value }}, ''))
    {%- else -%} ifNull({{ value }}, {{ zero_value(type) }})
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
