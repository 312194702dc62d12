{#- The rate by which an amount of a currency and a day is converted, 0 where there is none: looked up in memory. A join
    would take the engine longer to plan than a whole mart to compute. -#}
{% macro exchange_rate(currency, day) -%}
    coalesce(
        joinGet('{{ ref('state_fx_rates_by_day') | string | replace('`', '') }}', 'rate', cast({{ currency }} as String), assumeNotNull({{ day }})),
        toDecimal64(0, 8)
    )
{%- endmacro %}
