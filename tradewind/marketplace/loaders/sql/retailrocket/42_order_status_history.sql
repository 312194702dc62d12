insert into order_status_history (order_id, step_number, from_status, to_status, changed_at, note)
select orders.order_id, step.number, step.from_status, step.to_status, orders.ordered_at, step.note
from retailrocket_visits as visits
inner join orders on visits.session_id = orders.external_id
cross join (
    values
    (1, null, 'pending', 'not observed; taken at the purchase'),
    (2, 'pending', 'confirmed', 'not observed; taken at the purchase'),
    (3, 'confirmed', 'paid', null)
) as step (number, from_status, to_status, note)
order by orders.order_id, step.number
on conflict (order_id, step_number) do nothing
