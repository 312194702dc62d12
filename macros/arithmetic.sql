{#- Exact money and safe division. Money is decimal(18,2), rounded half away from zero, once, at the end. -#}

{% macro money_total(amount) -%}
    {{ as_type('coalesce(sum(' ~ amount ~ '), 0)', 'decimal(18,2)') }}
{%- endmacro %}

{% macro money_times(amount, factor) -%}
    {{- return(adapter.dispatch('money_times', 'tradewind')(amount, factor)) -}}
{%- endmacro %}

{% macro clickhouse__money_times(amount, factor) -%}
    cast(round(toDecimal128({{ amount }}, 2) * toDecimal128({{ factor }}, 8), 2) as Nullable(Decimal(18, 2)))
{%- endmacro %}

{% macro spark__money_times(amount, factor) -%}
    {#- 37 digits: with one more on the left, Spark would round the product to fewer decimals first. -#}
    cast(round(cast({{ amount }} as decimal(18,2)) * cast({{ factor }} as decimal(18,8)), 2) as decimal(18,2))
{%- endmacro %}

{% macro money_per(amount, count) -%}
    {{- return(adapter.dispatch('money_per', 'tradewind')(amount, count)) -}}
{%- endmacro %}

{% macro clickhouse__money_per(amount, count) -%}
    cast(round(toDecimal256({{ amount }}, 16) / nullIf(toDecimal256({{ count }}, 0), 0), 2) as Nullable(Decimal(18, 2)))
{%- endmacro %}

{% macro spark__money_per(amount, count) -%}
    cast(round(cast({{ amount }} as decimal(28,10)) / nullif(cast({{ count }} as decimal(10,0)), 0), 2) as decimal(18,2))
{%- endmacro %}

{% macro ratio(part, whole) -%}
    ({{ as_type(part, 'double') }} / nullif({{ as_type(whole, 'double') }}, 0))
{%- endmacro %}

{% macro row_count(condition=none) -%}
    {{ as_type('count(*)' ~ (' filter (where ' ~ condition ~ ')' if condition else ''), 'bigint') }}
{%- endmacro %}

{% macro distinct_count(expression, condition=none) -%}
    {{ as_type('count(distinct ' ~ expression ~ ')' ~ (' filter (where ' ~ condition ~ ')' if condition else ''), 'bigint') }}
{%- endmacro %}
