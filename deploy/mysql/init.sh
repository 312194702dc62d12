#!/bin/sh
# Run once by the MySQL or MariaDB image in an empty server: the shop's databases and accounts. Mount this file into
# /docker-entrypoint-initdb.d, accounts.sql into /tradewind/sql, tradewind.cnf into /etc/mysql/conf.d.
# Elsewhere: TRADEWIND_SQL=deploy/mysql deploy/mysql/init.sh --host=... as the client's root.
set -eu
: "${TRADEWIND_OWNER_PASSWORD:?}" "${TRADEWIND_APP_PASSWORD:?}" "${TRADEWIND_CDC_PASSWORD:?}"
: "${MYSQL_PWD:=${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-}}}"
export MYSQL_PWD

quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g")"; }
{
    printf 'set @owner_password = %s;\n' "$(quoted "$TRADEWIND_OWNER_PASSWORD")"
    printf 'set @app_password = %s;\n' "$(quoted "$TRADEWIND_APP_PASSWORD")"
    printf 'set @cdc_password = %s;\n' "$(quoted "$TRADEWIND_CDC_PASSWORD")"
    cat "${TRADEWIND_SQL:-/tradewind/sql}/accounts.sql"
} | "$(command -v mariadb || command -v mysql)" "$@" --user=root
