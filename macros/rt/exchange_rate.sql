{#- The rate by which an amount of a currency and a day is converted, 0 where there is none. All rates are read once per
    query, as arrays: a join would have to be planned anew in every mart. -#}
{% macro exchange_rate(currency, day) -%}
    {%- set rates = ref('fx_rates_by_day') -%}
    transform(
        concat({{ currency }}, toString(assumeNotNull({{ day }}))),
        (select arrayPushBack(groupArray(concat(currency, toString(rate_date))), '') from {{ rates }}),
        (select arrayPushBack(groupArray(rate), toDecimal64(0, 8)) from {{ rates }}),
        toDecimal64(0, 8)
    )
{%- endmacro %}
