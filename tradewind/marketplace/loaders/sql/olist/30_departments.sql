insert into categories (external_id, parent_id, level, category_name)
select distinct 'department:' || department, null::bigint, 1, department
from category_departments
order by department
on conflict (external_id) do nothing
