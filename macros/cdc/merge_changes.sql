{#- The CDC merge contract: a change log in, the current row of each key out.

    merge_changes(source('bronze', 'orders'), key=['order_id'], columns={'order_id': 'bigint', ...}, toastable=['note'])

    - Of a key, the change with the greatest position wins; a delete is a state and stays as a tombstone, so that
      an older change which arrives later cannot bring the row back. Time stamps order nothing.
    - `toastable` names the columns whose value the source may leave out when it did not change (TOAST). Of those the
      newest value that was sent counts. `_value_positions` tells for each such value of which position it is, so that one
      that arrives late takes its right place.
    - `encoded` names the columns whose text comes in base64, as Debezium passes on types that it does not know.
    - A truncate deletes every row of an earlier position, also those that arrive after it.
    - What this table already holds takes part in the merge, so the result does not depend on the order, number or
      grouping of arrivals, and a replay adds no row.
    - All models of a run read up to the same moment, the run's start: no child without its parent.
    - An event whose position, key or values cannot be read is left out (validity.sql); the quality gate names it.
    - Where this table lacks a column, the whole log is merged once more: rows may have got the column's value since
      the source has it. A row of the log then wins over the same one as this table holds it. -#}

{% macro merge_changes(log, key, columns, toastable=[], encoded=[]) -%}
{%- if renders_first_build() -%}
    {%- set columns, toastable = specimen_columns(key, columns), ['specimen_1'] if toastable else [] -%}
    {%- set encoded = [] -%}
{%- endif -%}
{%- set quoted_keys = [] -%}
{%- for name in key -%}
    {%- do quoted_keys.append(quoted(name)) -%}
{%- endfor -%}
{%- set keys = quoted_keys | join(', ') -%}
{%- set lacking = lacking_columns(this, columns) if is_incremental() else [] -%}
with arrived as (
    select
        {{ as_type('_op', 'text') }} as _op,
        {{ as_type('_position', 'text') }} as _position,
        {{ as_type('_changed_at', 'timestamptz') }} as _changed_at,
        {{ row_image(columns) }} as _image
    from {{ log }}
    where
        _op in ('c', 'r', 'u', 'd')
        and {{ belongs_to_run() }}
        {%- if is_incremental() and not lacking %}
        and {{ is_unmerged(log) }}
        {%- endif %}
),

truncated as (
    select
        coalesce(max({{ as_type('_position', 'text') }}), '') as _truncated_at
        {%- if is_incremental() %},
        coalesce(max(_ingested_at) >= {{ watermark(this) }}, false) as _is_new
        {%- endif %}
    from {{ log }}
    where _op = 't' and {{ is_valid_position() }} and {{ belongs_to_run() }}
),

read_rows as (
    select
        {%- for name, type in columns.items() %}
        {{ image_column(name, type, name in encoded) }} as {{ quoted(name) }},
        {%- endfor %}
        _op,
        _position,
        _changed_at,
        case when _op = 'd' then 1 else 0 end as _is_deleted,
        false as _is_known
    from arrived
    where {{ is_valid_event('_image', key, columns) }}
),

changes as (
    select
        {%- for name in columns %}
        {%- if name in toastable %}
        {{ unless_unavailable(quoted(name), columns[name]) }} as {{ quoted(name) }},
        case when {{ is_unavailable(quoted(name), columns[name]) }} then '' else _position end as {{ quoted(name ~ '__position') }},
        {%- else %}
        {{ must_be_given(quoted(name), escaped('an event in ' ~ log.identifier ~ ' has no ' ~ name)) if name in key else quoted(name) }} as {{ quoted(name) }},
        {%- endif %}
        {%- endfor %}
        _op,
        _position,
        _changed_at,
        _is_deleted,
        _is_known
    from read_rows
),
{% if is_incremental() %}
known as (
    select
        {%- for name, type in columns.items() %}
        {{ typed_null(type) if name in lacking else quoted(name) }} as {{ quoted(name) }},
        {%- if name in toastable %}
        {{ "''" if name in lacking else 'coalesce(' ~ json_text('_value_positions', name) ~ ', _position)' }} as {{ quoted(name ~ '__position') }},
        {%- endif %}
        {%- endfor %}
        _op,
        _position,
        _changed_at,
        _is_deleted,
        true as _is_known
    from {{ stored_rows(this) }}
    where
        ({{ keys }}) in (select {{ keys }} from changes)
        or ((select _is_new from truncated) and _position < (select _truncated_at from truncated))
),
{% endif %}
candidates as (
    select * from changes
    {%- if is_incremental() %}
    union all
    select * from known
    {%- endif %}
),

outlived as (
    select
        {%- for name in columns %}
        {{ quoted(name) }},
        {%- if name in toastable %}
        {{ quoted(name ~ '__position') }},
        {%- endif %}
        {%- endfor %}
        case when _position < _truncated_at then 't' else _op end as _op,
        case when _position < _truncated_at then _truncated_at else _position end as _position,
        case when _position < _truncated_at then 1 else _is_deleted end as _is_deleted,
        _is_known and _position >= _truncated_at as _is_known,
        _position as _event_position,
        _changed_at
    from candidates
    cross join (select _truncated_at from truncated) as last_truncate
),

ranked as (
    select
        {%- for name in columns %}
        {%- if name in toastable %}
        {{ arg_max(quoted(name), quoted(name ~ '__position'), 'partition by ' ~ keys) }} as {{ quoted(name) }},
        max({{ quoted(name ~ '__position') }}) over (partition by {{ keys }}) as {{ quoted(name ~ '__newest') }},
        {{ quoted(name ~ '__position') }},
        {%- else %}
        {{ quoted(name) }},
        {%- endif %}
        {%- endfor %}
        _op,
        _position,
        _changed_at,
        _is_deleted,
        _is_known,
        row_number() over (
            partition by {{ keys }} order by _position desc, _is_known {{ 'asc' if lacking else 'desc' }}, _event_position desc
        ) as _rank
    from outlived
)

select
    {%- for name in columns %}
    {{ quoted(name) }},
    {%- endfor %}
    {%- if toastable %}
    {{ as_type(json_of_older(toastable, '__newest', '_position'), 'json') }} as _value_positions,
    {%- endif %}
    {{ assume_not_null('_position', 'version') }} as _version,
    {{ assume_not_null('_position', 'text') }} as _position,
    {{ assume_not_null('_op', 'text') }} as _op,
    {{ assume_not_null('_is_deleted', 'flag') }} as _is_deleted,
    _changed_at,
    {{ assume_not_null(run_started()) }} as _loaded_at
from ranked
where
    _rank = 1
    and (
        not _is_known
        {%- for name in toastable %}
        or {{ quoted(name ~ '__newest') }} > {{ quoted(name ~ '__position') }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Those of the columns that a table does not have yet. (In a unit test, what `this` holds is no table.) -#}
{% macro lacking_columns(relation, columns) -%}
    {%- set present = adapter.get_columns_in_relation(relation) | map(attribute='name') | list if execute and relation.schema else [] -%}
    {{- return(columns.keys() | reject('in', present) | list if present else []) -}}
{%- endmacro %}
