-- Payouts: amounts are the sums of their lines from `paid` on, and a line refers to one order in the payout's currency.

create or replace view payout_line_differences as
select payout_lines.payout_line_id, payout_lines.order_id
from payout_lines
left join order_items on payout_lines.order_item_id = order_items.order_item_id
left join payments on payout_lines.payment_id = payments.payment_id
left join order_returns on payout_lines.return_id = order_returns.return_id
where order_items.order_id <> payout_lines.order_id
    or payments.order_id <> payout_lines.order_id
    or order_returns.order_id <> payout_lines.order_id;

drop procedure if exists require_lines_of_payout;

create procedure require_lines_of_payout(in checked_payout_id bigint)
comment 'Refuses amounts of a paid payout that are not the sums of its lines; a pending one may be incomplete.'
begin
    declare payout_status varchar(32);
    declare gross, fee numeric(18, 2);
    declare lines_gross, lines_fee numeric(30, 2);
    select status, gross_amount, fee_amount into payout_status, gross, fee
    from payouts
    where payout_id = checked_payout_id
    lock in share mode;
    select coalesce(sum(gross_amount), 0), coalesce(sum(fee_amount), 0) into lines_gross, lines_fee
    from payout_lines
    where payout_id = checked_payout_id
    lock in share mode;
    if payout_status = 'paid' and (gross, fee) <> (lines_gross, lines_fee) then
        call refuse('payouts_equal_their_lines', concat(
            'payout ', checked_payout_id, ' has ', gross, ', ', fee, '; its lines give ', lines_gross, ', ', lines_fee
        ));
    end if;
end;

drop procedure if exists require_line_fits_its_order;

create procedure require_line_fits_its_order(in line_id bigint, in line_payout_id bigint, in line_order_id bigint)
begin
    declare order_currency, payout_currency varchar(32);
    set order_currency = (select currency from orders where order_id = line_order_id lock in share mode);
    set payout_currency = (select currency from payouts where payout_id = line_payout_id lock in share mode);
    if order_currency <> payout_currency then
        call refuse('payout_lines_currency_is_the_orders', concat(
            'order ', line_order_id, ' is in ', order_currency, ', payout ', line_payout_id, ' in ', payout_currency
        ));
    end if;
    if exists (select 1 from payout_line_differences where payout_line_id = line_id) then
        call refuse('payout_lines_refer_to_one_order', concat(
            'payout line ', line_id, ': its item, payment or return is not of order ', line_order_id
        ));
    end if;
end;

drop trigger if exists starts_pending;

create trigger starts_pending before insert on payouts for each row
begin
    if new.status <> 'pending' and not is_bulk_load() then
        call refuse('payouts_equal_their_lines', 'a new payout starts as pending, and is paid when it has its lines');
    end if;
end;

drop trigger if exists equals_lines;

create trigger equals_lines after update on payouts for each row
begin
    if not is_bulk_load() then
        call require_lines_of_payout(new.payout_id);
        if new.currency <> old.currency and exists (
            select 1 from payout_lines where payout_id = new.payout_id lock in share mode
        ) then
            call refuse('payout_lines_currency_is_the_orders', concat(
                'payout ', new.payout_id, ' has lines in ', old.currency, ', so its currency cannot change'
            ));
        end if;
    end if;
end;

drop trigger if exists equals_payout_insert;

create trigger equals_payout_insert after insert on payout_lines for each row
begin
    if not is_bulk_load() then
        call require_line_fits_its_order(new.payout_line_id, new.payout_id, new.order_id);
        call require_lines_of_payout(new.payout_id);
    end if;
end;

drop trigger if exists equals_payout_update;

create trigger equals_payout_update after update on payout_lines for each row
begin
    if not is_bulk_load() then
        call require_line_fits_its_order(new.payout_line_id, new.payout_id, new.order_id);
        call require_lines_of_payout(new.payout_id);
        call require_lines_of_payout(old.payout_id);
    end if;
end;

drop trigger if exists equals_payout_delete;

create trigger equals_payout_delete after delete on payout_lines for each row
begin
    if not is_bulk_load() then
        call require_lines_of_payout(old.payout_id);
    end if;
end;

drop trigger if exists paid_out_payment_keeps_its_order;

create trigger paid_out_payment_keeps_its_order after update on payments for each row
begin
    if new.order_id <> old.order_id and not is_bulk_load() and exists (
        select 1 from payout_lines where payment_id = new.payment_id lock in share mode
    ) then
        call refuse('payout_lines_refer_to_one_order', concat(
            'payment ', new.payment_id, ' is part of a payout, so it cannot move to another order'
        ));
    end if;
end;

drop trigger if exists paid_out_return_keeps_its_order;

create trigger paid_out_return_keeps_its_order after update on order_returns for each row
begin
    if new.order_id <> old.order_id and not is_bulk_load() and exists (
        select 1 from payout_lines where return_id = new.return_id lock in share mode
    ) then
        call refuse('payout_lines_refer_to_one_order', concat(
            'return ', new.return_id, ' is part of a payout, so it cannot move to another order'
        ));
    end if;
end;
