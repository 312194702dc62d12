{#- Which change events ODS takes, and why not the others (docs/quality.md).

    An event is taken when its operation and its position are a log's, its key can be read, and every value of the row
    that it leaves behind fits its column. Of a deleted row only the key is read. The quality gate renders the
    ClickHouse macros here to name what is not taken, so they use nothing that only dbt has.

    `image` is the row inside the event as texts (row_image). -#}

{% macro is_valid_event(image, key, columns) -%}
    {{- return(adapter.dispatch('is_valid_event', 'tradewind')(image, key, columns)) -}}
{%- endmacro %}

{#- Columns of a type are checked together, as an array: the engine analyses each check once, not once per column. -#}
{% macro clickhouse__is_valid_event(image, key, columns) -%}
    {{ clickhouse__is_valid_position() }}
    {%- for name in key %}
    and isNotNull({{ clickhouse__text_of(image, name) }}) and {{ clickhouse__fits(clickhouse__text_of(image, name), columns[name]) }}
    {%- endfor %}
    {%- set texts = {} -%}
    {%- for name, type in columns.items() if name not in key and not clickhouse__takes_any(type) | int -%}
        {%- do texts.update({type: texts.get(type, []) + [clickhouse__text_of(image, name)]}) -%}
    {%- endfor %}
    {%- if texts %}
    and (
        _op = 'd' or (
            {%- for type, values in texts.items() %}
            {{ 'and ' if not loop.first }}
            {%- if values | length == 1 -%} {{ clickhouse__fits(values[0], type) }}
            {%- else -%} arrayAll(value -> {{ clickhouse__fits('value', type) }}, [{{ values | join(', ') }}])
            {%- endif -%}
            {%- endfor %}
        )
    )
    {%- endif %}
{%- endmacro %}

{% macro spark__is_valid_event(image, key, columns) -%}
    {{ spark__is_valid_position() }}
    {%- for name in key %}
    and {{ image }}.{{ quoted(name) }} is not null and {{ spark__fits(image ~ '.' ~ quoted(name), columns[name]) }}
    {%- endfor %}
    and (
        _op = 'd'
        {%- set values = [] -%}
        {%- for name, type in columns.items() if name not in key -%}
            {%- do values.append(spark__fits(image ~ '.' ~ quoted(name), type)) -%}
        {%- endfor %}
        or ({{ values | join('\n        and ') or 'true' }})
    )
{%- endmacro %}

{#- 38 digits of which those after the epoch are not all zero: an event without a place in the log has none. -#}
{% macro is_valid_position() -%}
    {{- return(adapter.dispatch('is_valid_position', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__is_valid_position() -%}
    (match(_position, '^[0-9]{38}$') and not match(_position, '^[0-9]{3}0{17}[0-2]0{17}$'))
{%- endmacro %}

{% macro spark__is_valid_position() -%}
    (_position rlike '^[0-9]{38}$' and not _position rlike '^[0-9]{3}0{17}[0-2]0{17}$')
{%- endmacro %}

{#- Whether a text, null for an absent value, is a value of a type: nothing of it is cut or lost. -#}
{% macro clickhouse__fits(value, type) -%}
    {%- if clickhouse__takes_any(type) | int -%} true
    {%- elif type == 'boolean' -%} ifNull({{ value }} in ('true', 'false', '1', '0'), true)
    {%- elif type == 'date' -%}
        (isNull({{ value }}) or ifNull(toString({{ clickhouse__read_value(value, type) }}) = substring({{ value }}, 1, 10), false))
    {%- elif type.startswith('decimal(') -%}
        ifNull(match({{ value }}, '{{ decimal_pattern(type) }}') or {{ clickhouse__fits_with_exponent(value, type) }}, true)
    {%- elif type.startswith('array<') -%} (isNull({{ value }}) or {{ clickhouse__array_fits(value, type) }})
    {%- else -%} (isNull({{ value }}) or isNotNull({{ clickhouse__read_value(value, type) }}))
    {%- endif -%}
{%- endmacro %}

{% macro spark__fits(value, type) -%}
    {%- if type in ('text', 'json', 'time') or type.startswith('array<') -%} true
    {%- elif type == 'boolean' -%} coalesce({{ value }} in ('true', 'false', '1', '0'), true)
    {%- elif type.startswith('decimal(') -%}
        coalesce(
            {{ value }} rlike '{{ decimal_pattern(type) }}'
            or ({{ value }} rlike '[eE]' and coalesce(try_cast({{ value }} as {{ column_type(type) }}) = try_cast({{ value }} as decimal(38,18)), false)),
            true
        )
    {%- else -%} ({{ value }} is null or {{ spark__read_value(value, type) }} is not null)
    {%- endif -%}
{%- endmacro %}

{#- 1 for a type that holds any text. -#}
{% macro clickhouse__takes_any(type) -%}
    {{- 1 if type in ('text', 'json', 'time') else 0 -}}
{%- endmacro %}

{#- The digits that a decimal takes before and after the point, further zeros aside. -#}
{% macro decimal_pattern(type) -%}
    {%- set size = type[8:-1].split(',') -%}
    ^[+-]?0*[0-9]{0,{{ size[0] | int - size[1] | int }}}([.][0-9]{0,{{ size[1] | int }}}0*)?$
{%- endmacro %}

{#- A decimal as Java writes very small ones: 0E-8. -#}
{% macro clickhouse__fits_with_exponent(value, type) -%}
    (match({{ value }}, '[eE]') and ifNull({{ clickhouse__read_value(value, type) }} = toDecimal256OrNull({{ value }}, 38), false))
{%- endmacro %}

{#- Whether a JSON text is an array of which every element can be read. -#}
{% macro clickhouse__array_fits(value, type) -%}
    {%- set text = 'ifNull(' ~ value ~ ", '')" -%}
    {%- set elements = 'JSONExtract(' ~ text ~ ", 'Array(Nullable(String))')" -%}
    {%- set read = clickhouse__read_value(value, type) -%}
    (
        JSONType({{ text }}) = 'Array'
        and length({{ read }}) = length({{ elements }})
        and countEqual({{ read }}, null) = countEqual({{ elements }}, null)
    )
{%- endmacro %}

{#- A value of a type from its text; null where it does not fit. -#}
{% macro clickhouse__read_value(value, type) -%}
    {%- set arrays = {'array<text>': 'String', 'array<bigint>': 'Int64', 'array<double>': 'Float64', 'array<boolean>': 'Bool'} -%}
    {%- if type == 'timestamptz' -%} parseDateTime64BestEffortOrNull({{ value }}, 6, 'UTC')
    {%- elif type == 'date' -%} toDate32OrNull(substring({{ value }}, 1, 10))
    {%- elif type == 'bigint' -%} toInt64OrNull({{ value }})
    {%- elif type == 'int' -%} toInt32OrNull({{ value }})
    {%- elif type == 'double' -%} toFloat64OrNull({{ value }})
    {%- elif type == 'boolean' -%} cast(multiIf({{ value }} in ('true', '1'), true, {{ value }} in ('false', '0'), false, null) as Nullable(Bool))
    {%- elif type.startswith('decimal(') -%} accurateCastOrNull({{ value }}, 'D{{ type[1:] | replace(' ', '') | replace(',', ', ') }}')
    {%- elif type in arrays -%} JSONExtract(ifNull({{ value }}, ''), 'Array(Nullable({{ arrays[type] }}))')
    {%- else -%} {{ value }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__read_value(value, type) -%}
    {%- if type == 'date' -%} try_cast(substring({{ value }}, 1, 10) as date)
    {%- elif type in ('text', 'json', 'time') -%} {{ value }}
    {%- elif type.startswith('array<') -%} coalesce({{ value }}, array())
    {%- else -%} try_cast({{ value }} as {{ column_type(type) }})
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__text_of(image, name) -%}
    tupleElement({{ image }}, '{{ name | replace("\\", "\\\\") | replace("'", "\\'") }}')
{%- endmacro %}

{#- The rule that an event breaks first, the column and the value, as a tuple of texts; empty ones for an event that is
    taken. To be run without short-circuit evaluation, which parses the event anew for each branch. -#}
{% macro clickhouse__event_fault(image, key, columns) -%}
    if(
        _op in ('c', 'r', 'u', 'd') and {{ clickhouse__is_valid_event(image, key, columns) }},
        ('', '', ''),
        multiIf(
            _op not in ('c', 'r', 'u', 'd', 't'),
            if(JSONType(ifNull(payload, '')) = 'Object', ('operation', '_op', toString(_op)), ('payload', 'payload', '')),
            not {{ clickhouse__is_valid_position() }}, ('position', '_position', _position),
            _op = 't', ('', '', ''),
            {%- for name in key %}
            {%- set value = clickhouse__text_of(image, name) %}
            isNull({{ value }}),
            if(
                JSONType(ifNull(payload, ''), if(_op = 'd', 'before', 'after')) = 'Object',
                ('key', {{ clickhouse__name_literal(name) }}, ''), ('envelope', if(_op = 'd', 'before', 'after'), '')
            ),
            not {{ clickhouse__fits(value, columns[name]) }}, ('value', {{ clickhouse__name_literal(name) }}, ifNull({{ value }}, '')),
            {%- endfor %}
            {%- for name, type in columns.items() if name not in key and not clickhouse__takes_any(type) | int %}
            {%- set value = clickhouse__text_of(image, name) %}
            not {{ clickhouse__fits(value, type) }}, ('value', {{ clickhouse__name_literal(name) }}, ifNull({{ value }}, '')),
            {%- endfor %}
            ('value', 'payload', '')
        )
    )
{%- endmacro %}

{% macro clickhouse__name_literal(name) -%}
    '{{ name | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
