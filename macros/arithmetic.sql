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

{#- A row's part of an amount that is shared out in proportion to weights, so that the parts of a group add up to the amount
    to the cent. `weight_to_here`: the sum of the weights up to and with the row's, in any order of the group's rows. All are
    money that is not negative. -#}
{% macro share_of_money(amount, weight, weight_to_here, total_weight) -%}
    {{- return(adapter.dispatch('share_of_money', 'tradewind')(amount, weight, weight_to_here, total_weight)) -}}
{%- endmacro %}

{% macro clickhouse__share_of_money(amount, weight, weight_to_here, total_weight) -%}
    cast(toDecimal128(
        {{ clickhouse_cents_to_here(amount, weight_to_here, total_weight) }}
        - {{ clickhouse_cents_to_here(amount, '(' ~ weight_to_here ~ ' - ' ~ weight ~ ')', total_weight) }}, 2
    ) / 100 as Nullable(Decimal(18, 2)))
{%- endmacro %}

{#- Rounded half up by whole numbers, since a quotient of decimals has another scale on each engine. -#}
{% macro clickhouse_cents_to_here(amount, weight, total_weight) -%}
    intDiv(
        2 * toInt256(({{ amount }}) * 100) * toInt256({{ weight }} * 100) + toInt256({{ total_weight }} * 100),
        nullIf(toInt256({{ total_weight }} * 200), 0)
    )
{%- endmacro %}

{% macro spark__share_of_money(amount, weight, weight_to_here, total_weight) -%}
    cast((
        {{ spark_cents_to_here(amount, weight_to_here, total_weight) }}
        - {{ spark_cents_to_here(amount, '(' ~ weight_to_here ~ ' - ' ~ weight ~ ')', total_weight) }}
    ) / cast(100 as decimal(3,0)) as decimal(18,2))
{%- endmacro %}

{% macro spark_cents_to_here(amount, weight, total_weight) -%}
    cast((
        cast(2 as decimal(1,0)) * cast(({{ amount }}) * 100 as decimal(17,0)) * cast({{ weight }} * 100 as decimal(18,0))
        + cast({{ total_weight }} * 100 as decimal(18,0))
    ) div nullif(cast({{ total_weight }} * 200 as decimal(18,0)), 0) as decimal(18,0))
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
