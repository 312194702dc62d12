-- Grain: one row. insert_count is not additive.
-- Cheap: who reads marts again and again asks here first whether anything has come. Within a partition the numbers of
-- inserts only grow, and merges keep them.
with partitions as (
    select max(max_block_number) as last_insert
    from system.parts
    where active and database in ('bronze', 'rt')
    group by database, table, partition_id
)

select {{ not_null('coalesce(sum(last_insert), 0)', 'bigint') }} as insert_count
from partitions
