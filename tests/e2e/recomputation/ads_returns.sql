with delivered as (
    select
        v.*, date_trunc('month', o.delivered_at::date)::date as month,
        coalesce(c.department, 'unclassified') as department,
        coalesce(c.category, c.department, 'unclassified') as category
    from valued_lines v
        join orders o using (order_id)
        join products p on p.product_id = v.product_id
        left join category_paths c using (category_id)
    where v.is_gmv and o.delivered_at is not null
),
requests as (
    select distinct month, department, category, r.return_id, r.reason, r.status
    from order_returns r join delivered d using (order_id)
    where r.order_item_id is null or r.order_item_id = d.order_item_id
),
counted as (
    select
        month, department, category,
        count(*) as request_count,
        count(*) filter (where status = 'rejected') as rejected_count,
        count(*) filter (where reason = 'defective') as defective_count,
        count(*) filter (where reason = 'wrong_item') as wrong_item_count,
        count(*) filter (where reason = 'not_as_described') as not_as_described_count,
        count(*) filter (where reason = 'late') as late_count,
        count(*) filter (where reason = 'changed_mind') as changed_mind_count,
        count(*) filter (where reason = 'other') as other_count
    from requests
    group by 1, 2, 3
),
sold as (
    select
        month, department, category, sum(quantity) as delivered, sum(returned_quantity)::bigint as returned,
        sum(round(gmv * returned_quantity / quantity, 2)) as amount
    from delivered
    group by 1, 2, 3
)
select
    month as delivery_month, department, category, delivered as delivered_units, returned as returned_units,
    returned::float8 / delivered as return_rate,
    amount as returned_amount,
    coalesce(request_count, 0) as request_count,
    coalesce(defective_count, 0) as defective_count,
    coalesce(wrong_item_count, 0) as wrong_item_count,
    coalesce(not_as_described_count, 0) as not_as_described_count,
    coalesce(late_count, 0) as late_count,
    coalesce(changed_mind_count, 0) as changed_mind_count,
    coalesce(other_count, 0) as other_count,
    coalesce(rejected_count, 0) as rejected_count
from sold left join counted using (month, department, category)
