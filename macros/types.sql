{#- Types: one neutral name per column in YAML and SQL, mapped to each engine here and nowhere else. -#}

{% macro column_type(name, nullable=true) -%}
    {{- return(adapter.dispatch('column_type', 'tradewind')(name, nullable)) -}}
{%- endmacro %}

{#- Arrays cannot be null here: an absent one is empty, on both engines. -#}
{% macro clickhouse__column_type(name, nullable) -%}
    {%- set types = {
        'text': 'String', 'json': 'String', 'time': 'String', 'code': 'LowCardinality(String)', 'bigint': 'Int64',
        'int': 'Int32', 'second': "DateTime('UTC')", 'double': 'Float64', 'boolean': 'Bool', 'date': 'Date32', 'timestamptz': "DateTime64(6, 'UTC')",
        'version': 'UInt128', 'flag': 'UInt8', 'array<text>': 'Array(Nullable(String))',
        'array<bigint>': 'Array(Nullable(Int64))', 'array<double>': 'Array(Nullable(Float64))', 'array<boolean>': 'Array(Nullable(Bool))',
    } -%}
    {%- if name.startswith('decimal(') -%}
        {%- set type = 'Decimal(' ~ name[8:] | replace(' ', '') | replace(',', ', ') -%}
    {%- else -%}
        {%- set type = types.get(name) or unknown_type(name) -%}
    {%- endif -%}
    {{- return('Nullable(' ~ type ~ ')' if nullable and not name.startswith('array<') else type) -}}
{%- endmacro %}

{% macro spark__column_type(name, nullable) -%}
    {%- set types = {
        'text': 'string', 'json': 'string', 'time': 'string', 'code': 'string', 'bigint': 'bigint', 'int': 'int', 'second': 'timestamp',
        'double': 'double', 'boolean': 'boolean', 'date': 'date', 'timestamptz': 'timestamp',
        'version': 'decimal(38,0)', 'flag': 'int', 'array<text>': 'array<string>',
        'array<bigint>': 'array<bigint>', 'array<double>': 'array<double>', 'array<boolean>': 'array<boolean>',
    } -%}
    {%- if name.startswith('decimal(') -%}
        {{- return(name | replace(' ', '')) -}}
    {%- endif -%}
    {{- return(types.get(name) or unknown_type(name)) -}}
{%- endmacro %}

{% macro unknown_type(name) -%}
    {{- exceptions.raise_compiler_error("'" ~ name ~ "' is no neutral type; macros/types.sql lists them") -}}
{%- endmacro %}

{% macro as_type(expression, name) -%}
    cast({{ expression }} as {{ column_type(name) }})
{%- endmacro %}

{#- A key's value as a column that cannot be null; where it is null, the run stops and names the model. -#}
{% macro not_null(expression, name=none) -%}
    {%- set message = model.name ~ ': ' ~ shortened(expression) ~ ' is null' -%}
    {{- given_as(expression, name, message) if name else must_be_given(expression, message) -}}
{%- endmacro %}

{#- An expression inside the text of a message. -#}
{% macro shortened(expression) -%}
    {%- set text = expression | replace("'", '') | replace('/*', '(') | replace('*/', ')') -%}
    {{- return(text if text | length <= 120 else text[:120] ~ '...') -}}
{%- endmacro %}

{#- A value cast to a type that has no null; where it is null, the run stops with the message. -#}
{% macro given_as(expression, name, message) -%}
    {{- return(adapter.dispatch('given_as', 'tradewind')(expression, name, message)) -}}
{%- endmacro %}

{#- `_CAST` refuses null whatever `cast_keep_nullable` says, and the engine's error quotes the type with the message in its
    comment. The value is written once: what is checked by a condition is written and planned two or three times, and one
    inside another nine times. -#}
{% macro clickhouse__given_as(expression, name, message) -%}
    _CAST({{ as_type(expression, name) }}, '{{ column_type(name, nullable=false) | replace("'", "''") }} /* {{ message }} */')
{%- endmacro %}

{% macro spark__given_as(expression, name, message) -%}
    {{- must_be_given(as_type(expression, name), message) -}}
{%- endmacro %}

{#- For what cannot be null by its making: a literal, a count, a column that is not null already. -#}
{% macro assume_not_null(expression, name=none) -%}
    {{- return(adapter.dispatch('assume_not_null', 'tradewind')(expression, name)) -}}
{%- endmacro %}

{% macro clickhouse__assume_not_null(expression, name) -%}
    assumeNotNull({{ as_type(expression, name) if name else expression }})
{%- endmacro %}

{% macro spark__assume_not_null(expression, name) -%}
    {{ as_type(expression, name) if name else expression }}
{%- endmacro %}
