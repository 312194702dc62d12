-- Every step of every order's life cycle, from the four timestamps; a step without one takes the step's before it.

create temporary table order_steps on commit drop as
with orders as (
    select
        *,
        case
            when order_status in ('canceled', 'unavailable') then 'cancelled'
            when order_status in ('shipped', 'delivered') then order_status
            when order_status = 'processing' then 'packed'
            when order_status in ('approved', 'invoiced') then 'paid'
            else 'pending'
        end as status
    from staged_olist_orders_dataset
),

reached as (
    select
        *,
        status in ('paid', 'packed', 'shipped', 'delivered')
        or (status = 'cancelled' and coalesce(order_approved_at, order_delivered_carrier_date) is not null) as is_paid,
        status in ('packed', 'shipped', 'delivered')
        or (status = 'cancelled' and order_delivered_carrier_date is not null) as is_packed,
        status in ('shipped', 'delivered')
        or (status = 'cancelled' and order_delivered_carrier_date is not null) as is_shipped,
        coalesce(order_approved_at, order_purchase_timestamp) as approved_or_before,
        coalesce(order_delivered_carrier_date, order_approved_at, order_purchase_timestamp) as carried_or_before
    from orders
)

select
    reached.order_id,
    row_number() over (partition by reached.order_id order by step.place)::integer as step_number,
    lag(step.status) over (partition by reached.order_id order by step.place) as from_status,
    step.status as to_status,
    step.changed_at,
    step.note
from reached
cross join lateral (
    values
    (1, true, 'pending', order_purchase_timestamp, null),
    (2, is_paid, 'confirmed', approved_or_before, 'not observed; taken at approval'),
    (
        3, is_paid, 'paid', approved_or_before,
        case
            when order_approved_at is null then 'not observed; taken at purchase'
            when order_status = 'invoiced' then 'invoiced'
        end
    ),
    (4, is_packed, 'packed', carried_or_before, 'not observed; taken at hand-over to the carrier, else at approval'),
    (
        5, is_shipped, 'shipped', carried_or_before,
        case when order_delivered_carrier_date is null then 'not observed; taken at approval' end
    ),
    (
        6, reached.status = 'delivered', 'delivered',
        coalesce(order_delivered_customer_date, greatest(order_estimated_delivery_date, carried_or_before)),
        case when order_delivered_customer_date is null then 'not observed; taken at the estimated date' end
    ),
    (
        7, reached.status = 'cancelled', 'cancelled',
        greatest(carried_or_before, approved_or_before, order_delivered_customer_date),
        format('%s; time not observed, taken at the last known step', order_status)
    )
) as step (place, is_reached, status, changed_at, note)
where step.is_reached;

create temporary table order_last_step on commit drop as
select distinct on (order_id) order_id, to_status as status, changed_at as status_changed_at
from order_steps
order by order_id, step_number desc;

create unique index on order_last_step (order_id);
analyze order_steps;
analyze order_last_step;
