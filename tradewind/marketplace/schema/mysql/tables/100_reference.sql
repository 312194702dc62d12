-- What amounts and addresses are measured against: exchange rates and postal geography.

create table if not exists fx_rates (
    currency varchar(32) not null
        comment 'Currency that is converted, ISO 4217.',
    rate_date date not null
        comment 'Day (UTC) the rate is valid for; a missing day takes the latest before it.',
    reporting_currency varchar(32) not null
        comment 'Currency that is converted to, ISO 4217; the same in all rows.',
    rate numeric(18, 8) not null
        comment 'Units of the reporting currency for one unit of the currency.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    primary key (currency, rate_date),
    constraint fx_rates_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint fx_rates_reporting_currency_is_iso check (
        char_length(reporting_currency) = 3 and reporting_currency regexp '^[A-Z]{3}$'
    ),
    constraint fx_rates_rate_positive check (rate > 0),
    constraint fx_rates_reporting_currency_is_one check (currency <> reporting_currency or rate = 1)
) comment 'Daily exchange rates into the shop''s one reporting currency. One row per currency and day.';

create table if not exists geolocations (
    geolocation_id bigint not null auto_increment primary key
        comment 'Identifier of the observation.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    country varchar(32) not null
        comment 'Country of the postal code, ISO 3166-1 alpha-2.',
    postal_code varchar(255) not null
        comment 'Postal code (Brazil: its first five digits); leading zeros matter.',
    latitude numeric(12, 9) not null
        comment 'Latitude in degrees (WGS 84), north positive.',
    longitude numeric(12, 9) not null
        comment 'Longitude in degrees (WGS 84), east positive.',
    city varchar(255) not null
        comment 'City name as observed; spelling varies.',
    state varchar(255)
        comment 'State or province as the country writes it.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    constraint geolocations_external_id_key unique (external_id),
    key geolocations_by_postal_code (country, postal_code),
    constraint geolocations_country_is_iso check (char_length(country) = 2 and country regexp '^[A-Z]{2}$'),
    constraint geolocations_latitude_in_range check (latitude between -90 and 90),
    constraint geolocations_longitude_in_range check (longitude between -180 and 180)
) comment 'Observed positions of postal codes. One row per observation; a postal code has many, some of them wrong.';
