insert into categories (external_id, parent_id, level, category_name, local_name)
select
    mapped.product_category_name,
    parents.category_id,
    2,
    mapped.product_category_name,
    mapped.product_category_name
from category_departments as mapped
inner join categories as parents on parents.external_id = 'department:' || mapped.department
where mapped.product_category_name not in (
    select product_category_name from staged_product_category_name_translation
)
order by mapped.product_category_name
on conflict (external_id) do nothing
