#!/bin/sh
# Run once by the PostgreSQL image in an empty cluster: the roles, the schemas and the publication of the shop's database.
set -eu
: "${TRADEWIND_OWNER_PASSWORD:?}" "${TRADEWIND_APP_PASSWORD:?}" "${TRADEWIND_CDC_PASSWORD:?}"

run() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }

run --file /tradewind/sql/postgres_roles.sql
run --set owner="$TRADEWIND_OWNER_PASSWORD" --set app="$TRADEWIND_APP_PASSWORD" --set cdc="$TRADEWIND_CDC_PASSWORD" <<'SQL'
alter role tradewind_owner password :'owner';
alter role tradewind_app password :'app';
alter role tradewind_cdc password :'cdc';
alter database ecomm owner to tradewind_owner;
SQL
run --file /tradewind/sql/postgres_database.sql
for name in capture_scope capture_tables capture_superuser; do
    run --file "/tradewind/source/$name.sql"
done
