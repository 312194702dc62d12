{#- The rate by which an amount of a currency and a day is converted, 0 where there is none: looked up in memory. A join
    would take the engine longer to plan than a whole mart to compute. -#}
{% macro exchange_rate(currency, day) -%}
    coalesce(
        joinGet('{{ ref('state_fx_rates_by_day') | string | replace('`', '') }}', 'rate', cast({{ currency }} as String), assumeNotNull({{ day }})),
        toDecimal64(0, 8)
    )
{%- endmacro %}

{#- Whether a row of state_order_money can be valued: its currency and its order's have a rate. -#}
{% macro has_rates() -%}
    {{ exchange_rate('currency', day_of('ordered_at')) }} > 0
    and {{ exchange_rate('order_currency', day_of('ordered_at')) }} > 0
{%- endmacro %}
