-- Chargebacks and cards of payments, pages of events, and profiles that move to another account.

alter table payments add column card_fingerprint text;
alter table payments add column charged_back_at timestamptz;
alter table payments drop constraint payments_status_known;
alter table payments add constraint payments_status_known check (
    status in ('pending', 'authorized', 'captured', 'failed', 'voided', 'charged_back')
);
alter table payments add constraint payments_charged_back_has_time check (
    (status = 'charged_back') = (charged_back_at is not null)
);
create index payments_by_card on payments (card_fingerprint);

comment on column payments.status is
    'State: pending, authorized, captured (money received), failed, voided or charged_back (received, then taken back by '
    'the card''s issuer).';
comment on column payments.card_fingerprint is
    'Token of the card, the same for every payment with it; null if not a card or not known. Personal data.';
comment on column payments.charged_back_at is 'When the card''s issuer took the money back; null otherwise.';

alter table user_events add column page_path text;

comment on column user_events.page_path is 'Path of the page, without host and query; null if not known.';

-- A profile that moves to another account (a merge of accounts) takes its orders along.
alter table orders drop constraint orders_profile_of_user;
alter table orders add constraint orders_profile_of_user foreign key (customer_id, user_id)
references customers (customer_id, user_id) on update cascade;
