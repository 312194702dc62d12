-- What the risk team finds out about orders: days later, and not always right (the truth is in `labels`).

create table if not exists fraud_cases (
    fraud_case_id bigint not null auto_increment primary key
        comment 'Identifier of the case.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    order_id bigint not null
        comment 'The order.',
    opened_at timestamp(6) not null
        comment 'When the investigation began: days after the order, or with its chargeback.',
    outcome varchar(255)
        comment 'What was decided: fraud or legitimate, not always rightly; null while it is open.',
    decided_at timestamp(6) null
        comment 'When it was decided; null while it is open.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint fraud_cases_external_id_key unique (external_id),
    constraint fraud_cases_one_per_order unique (order_id),
    constraint fraud_cases_order_id_fkey foreign key (order_id) references orders (order_id),
    constraint fraud_cases_outcome_known check (outcome in ('fraud', 'legitimate')),
    constraint fraud_cases_decided_has_outcome check ((outcome is null) = (decided_at is null)),
    constraint fraud_cases_decided_after_opened check (decided_at >= opened_at)
) comment 'Investigations of suspicious orders by the risk team. One row per order that was investigated; most never are.';
