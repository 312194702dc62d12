{#- The start of the window of so many minutes that a minute is in. -#}
{% macro window_of(minute, minutes) -%}
    toStartOfInterval({{ minute }}, interval {{ minutes }} minute)
{%- endmacro %}
