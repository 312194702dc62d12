{#- Types: one neutral name per column in YAML and SQL, mapped to each engine here and nowhere else. -#}

{% macro column_type(name, nullable=true) -%}
    {%- set plain = adapter.dispatch('column_type', 'tradewind')(name) -%}
    {{- return(nullable_type(plain, name, nullable)) -}}
{%- endmacro %}

{% macro clickhouse__column_type(name) -%}
    {%- set types = {
        'text': 'String', 'json': 'String', 'time': 'String', 'bigint': 'Int64', 'int': 'Int32',
        'double': 'Float64', 'boolean': 'Bool', 'date': 'Date32', 'timestamptz': "DateTime64(6, 'UTC')",
        'version': 'UInt128', 'flag': 'UInt8', 'array<text>': 'Array(Nullable(String))',
        'array<bigint>': 'Array(Nullable(Int64))', 'array<double>': 'Array(Nullable(Float64))', 'array<boolean>': 'Array(Nullable(Bool))',
    } -%}
    {{- return(decimal_type(name, 'Decimal') or types.get(name) or unknown_type(name)) -}}
{%- endmacro %}

{% macro spark__column_type(name) -%}
    {%- set types = {
        'text': 'string', 'json': 'string', 'time': 'string', 'bigint': 'bigint', 'int': 'int',
        'double': 'double', 'boolean': 'boolean', 'date': 'date', 'timestamptz': 'timestamp',
        'version': 'decimal(38,0)', 'flag': 'int', 'array<text>': 'array<string>',
        'array<bigint>': 'array<bigint>', 'array<double>': 'array<double>', 'array<boolean>': 'array<boolean>',
    } -%}
    {{- return(decimal_type(name, 'decimal') or types.get(name) or unknown_type(name)) -}}
{%- endmacro %}

{% macro decimal_type(name, engine_name) -%}
    {%- if name.startswith('decimal(') -%}
        {%- set digits = name[8:-1].replace(' ', '').split(',') -%}
        {{- return(engine_name ~ '(' ~ digits[0] ~ (', ' if engine_name == 'Decimal' else ',') ~ digits[1] ~ ')') -}}
    {%- endif -%}
    {{- return(none) -}}
{%- endmacro %}

{% macro unknown_type(name) -%}
    {{- exceptions.raise_compiler_error("'" ~ name ~ "' is no neutral type; macros/types.sql lists them") -}}
{%- endmacro %}

{% macro nullable_type(engine_type, name, nullable) -%}
    {{- return(adapter.dispatch('nullable_type', 'tradewind')(engine_type, name, nullable)) -}}
{%- endmacro %}

{% macro clickhouse__nullable_type(engine_type, name, nullable) -%}
    {#- Arrays cannot be null here: an absent one is empty, on both engines. -#}
    {%- set can_be_null = nullable and not name.startswith('array<') -%}
    {{- return('Nullable(' ~ engine_type ~ ')' if can_be_null else engine_type) -}}
{%- endmacro %}

{% macro spark__nullable_type(engine_type, name, nullable) -%}
    {{- return(engine_type) -}}
{%- endmacro %}

{% macro as_type(expression, name) -%}
    cast({{ expression }} as {{ column_type(name) }})
{%- endmacro %}

{% macro required(expression, name=none) -%}
    {{- return(adapter.dispatch('required', 'tradewind')(expression, name)) -}}
{%- endmacro %}

{% macro clickhouse__required(expression, name) -%}
    assumeNotNull({{ as_type(expression, name) if name else expression }})
{%- endmacro %}

{% macro spark__required(expression, name) -%}
    {{ as_type(expression, name) if name else expression }}
{%- endmacro %}
