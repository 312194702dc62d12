insert into categories (external_id, parent_id, level, category_name, local_name)
select
    staged.product_category_name,
    parents.category_id,
    2,
    staged.product_category_name_english,
    staged.product_category_name
from staged_product_category_name_translation as staged
inner join category_departments as mapped on staged.product_category_name = mapped.product_category_name
inner join categories as parents on parents.external_id = 'department:' || mapped.department
order by staged.line
on conflict (external_id) do nothing
