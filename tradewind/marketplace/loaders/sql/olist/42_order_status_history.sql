insert into order_status_history (order_id, step_number, from_status, to_status, changed_at, note)
select
    orders.order_id,
    steps.step_number,
    steps.from_status,
    steps.to_status,
    steps.changed_at,
    steps.note
from order_steps as steps
inner join orders on steps.order_id = orders.external_id
order by orders.order_id, steps.step_number
on conflict (order_id, step_number) do nothing
