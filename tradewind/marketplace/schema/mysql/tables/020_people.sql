-- Who buys: accounts (users) and the CRM's profiles of them (customers).

create table if not exists users (
    user_id bigint not null auto_increment primary key
        comment 'Identifier of the account.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    user_type varchar(32) not null default 'buyer'
        comment 'What the account is for: buyer, guest (checkout without registration), seller or staff.',
    status varchar(32) not null default 'active'
        comment 'State of the account: active, suspended (by the platform) or closed (by the user).',
    email varchar(255)
        comment 'E-mail address. Personal data.',
    phone varchar(255)
        comment 'Phone number in international form. Personal data.',
    country varchar(32) not null
        comment 'Country of residence, ISO 3166-1 alpha-2.',
    language varchar(255)
        comment 'Preferred language, BCP 47 tag.',
    time_zone varchar(255)
        comment 'Time zone the user lives in, IANA name; null if not known.',
    acquisition_channel varchar(255)
        comment 'Marketing channel that brought the registration; null if not known.',
    is_bot boolean not null default false
        comment 'Whether the account is known to be automated traffic.',
    is_test boolean not null default false
        comment 'Whether the account belongs to testers; excluded from business figures.',
    registered_at timestamp(6) not null
        comment 'When the account was opened.',
    last_login_at timestamp(6) null
        comment 'When the user last signed in; null if never or not known.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint users_external_id_key unique (external_id),
    constraint users_email_key unique (email),
    constraint users_user_type_known check (user_type in ('buyer', 'guest', 'seller', 'staff')),
    constraint users_status_known check (status in ('active', 'suspended', 'closed')),
    constraint users_country_is_iso check (char_length(country) = 2 and country regexp '^[A-Z]{2}$'),
    constraint users_is_bot_is_boolean check (is_bot in (0, 1)),
    constraint users_is_test_is_boolean check (is_test in (0, 1))
) comment 'Accounts. One row per person (or guest session) that can browse, buy or sell.';

create table if not exists customers (
    customer_id bigint not null auto_increment primary key
        comment 'Identifier of the profile.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    user_id bigint not null
        comment 'The account this profile belongs to.',
    first_name varchar(255)
        comment 'Given name; null if not known. Personal data.',
    last_name varchar(255)
        comment 'Family name; null if not known. Personal data.',
    birth_date date
        comment 'Date of birth; null if not known. Personal data.',
    gender varchar(32)
        comment 'female, male or other; null if not stated. Personal data.',
    tier varchar(32) not null default 'bronze'
        comment 'Loyalty tier, bronze to platinum; follows spend and points by rule, never set by hand.',
    loyalty_points bigint not null default 0
        comment 'Balance of loyalty points.',
    lifetime_spend_amount numeric(18, 2) not null default 0
        comment 'Value of delivered, not test, orders in the reporting currency at the rate of the order date; kept by rule.',
    has_marketing_consent boolean not null default false
        comment 'Whether the customer agreed to marketing messages.',
    city varchar(255)
        comment 'City of the home address.',
    state varchar(255)
        comment 'State or province of the home address, as the country writes it.',
    postal_code varchar(255)
        comment 'Postal code of the home address; leading zeros matter.',
    country varchar(32) not null
        comment 'Country of the home address, ISO 3166-1 alpha-2.',
    address json not null default (json_object())
        comment 'Home address in full as a JSON object (street, line2, district ...). Personal data.',
    preferences json not null default (json_object())
        comment 'What the customer told us to prefer, a JSON object (categories, language, contact time ...).',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint customers_external_id_key unique (external_id),
    constraint customers_customer_of_user unique (customer_id, user_id),
    key customers_by_user (user_id),
    constraint customers_user_id_fkey foreign key (user_id) references users (user_id),
    constraint customers_gender_known check (gender in ('female', 'male', 'other')),
    constraint customers_tier_known check (tier in ('bronze', 'silver', 'gold', 'platinum')),
    constraint customers_loyalty_points_not_negative check (loyalty_points >= 0),
    constraint customers_lifetime_spend_not_negative check (lifetime_spend_amount >= 0),
    constraint customers_country_is_iso check (char_length(country) = 2 and country regexp '^[A-Z]{2}$'),
    constraint customers_address_is_object check (json_type(address) = 'OBJECT'),
    constraint customers_preferences_is_object check (json_type(preferences) = 'OBJECT'),
    constraint customers_has_marketing_consent_is_boolean check (has_marketing_consent in (0, 1))
) comment 'CRM profiles. One row per profile; a person (user) may have several, one per address book entry.';
