{#- Whether an account, null for none, is one that is left out of business figures. -#}
{% macro is_of_left_out_account(user_id) -%}
    coalesce({{ user_id }} in (select user_id from {{ ref('left_out_accounts') }}), false)
{%- endmacro %}
