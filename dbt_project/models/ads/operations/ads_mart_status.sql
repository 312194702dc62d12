-- Grain: one row per mart. Counts are not additive: a source row can belong to several marts.
with excluded as (
    select table_name, row_key
    from {{ current_rows(ref('excluded_rows')) }}
),

mart_tables as (
    {% for mart, tables in (marts() if execute else {'': ['']}).items() %}
    {%- set is_last_mart = loop.last %}
    {%- for table in tables %}
    select '{{ mart }}' as mart, '{{ table }}' as table_name
    {{ 'union all' if not (loop.last and is_last_mart) }}
    {%- endfor %}
    {%- endfor %}
)

select
    {{ not_null('mart_tables.mart', 'text') }} as mart,
    {{ as_type('count(excluded.row_key)', 'bigint') }} as excluded_row_count
from mart_tables
left join excluded on mart_tables.table_name = excluded.table_name
group by mart_tables.mart
