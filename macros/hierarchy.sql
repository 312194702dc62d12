{#- The category tree, a row per category with its ancestors' names: `categories` is a CTE or table with category_id,
    parent_id, level (1 to 3) and category_name. -#}
{% macro category_hierarchy(categories) -%}
    select
        leaf.category_id as category_id,
        case leaf.level when 1 then leaf.category_name when 2 then parent.category_name else top.category_name end as department,
        case leaf.level when 1 then null when 2 then leaf.category_name else parent.category_name end as category,
        case when leaf.level = 3 then leaf.category_name end as subcategory
    from {{ categories }} as leaf
    left join {{ categories }} as parent on leaf.parent_id = parent.category_id
    left join {{ categories }} as top on parent.parent_id = top.category_id
{%- endmacro %}
