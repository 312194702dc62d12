{#- The start of the window of so many minutes that a minute is in. -#}
{% macro window_of(minute, minutes) -%}
    toStartOfInterval({{ minute }}, interval {{ minutes }} minute)
{%- endmacro %}

{#- The department or category of a product as it is now, looked up in memory. -#}
{% macro product_category(product_id, attribute) -%}
    coalesce(
        nullIf(joinGet('{{ ref('state_product_categories') | string | replace('`', '') }}', '{{ attribute }}', {{ product_id }}), ''),
        'unclassified'
    )
{%- endmacro %}
