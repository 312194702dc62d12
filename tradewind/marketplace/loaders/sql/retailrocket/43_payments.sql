insert into payments (order_id, sequence_number, method, status, currency, amount, attempted_at, captured_at)
select
    orders.order_id, 1, 'unknown', 'captured', orders.currency, orders.total_amount, orders.ordered_at, orders.paid_at
from retailrocket_visits as visits
inner join orders on visits.session_id = orders.external_id
order by orders.order_id
on conflict (order_id, sequence_number) do nothing
