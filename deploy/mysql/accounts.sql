-- Run by the server's administrator, in one session in which the passwords are set; there are no default ones:
--     set @owner_password = '...', @app_password = '...', @cdc_password = '...';
-- Makes the databases and the three accounts, with nothing they do not need. Repeating it sets the passwords anew.

create database if not exists ecomm character set utf8mb4 collate utf8mb4_bin;
create database if not exists cdc character set utf8mb4 collate utf8mb4_bin;
create database if not exists rules character set utf8mb4 collate utf8mb4_bin;
create database if not exists labels character set utf8mb4 collate utf8mb4_bin;
create database if not exists tradewind character set utf8mb4 collate utf8mb4_bin;

set @statement = concat('create user if not exists tradewind_owner@''%'' identified by ', quote(@owner_password));
prepare statement from @statement;
execute statement;
set @statement = concat('create user if not exists tradewind_app@''%'' identified by ', quote(@app_password));
prepare statement from @statement;
execute statement;
set @statement = concat('create user if not exists tradewind_cdc@''%'' identified by ', quote(@cdc_password));
prepare statement from @statement;
execute statement;
set @statement = concat('alter user tradewind_owner@''%'' identified by ', quote(@owner_password));
prepare statement from @statement;
execute statement;
set @statement = concat('alter user tradewind_app@''%'' identified by ', quote(@app_password));
prepare statement from @statement;
execute statement;
set @statement = concat('alter user tradewind_cdc@''%'' identified by ', quote(@cdc_password));
prepare statement from @statement;
execute statement;
deallocate prepare statement;
set @statement = null, @owner_password = null, @app_password = null, @cdc_password = null;

-- The owner: everything in the shop's databases, nothing outside them.
grant all privileges on ecomm.* to tradewind_owner@'%';
grant all privileges on cdc.* to tradewind_owner@'%';
grant all privileges on rules.* to tradewind_owner@'%';
grant all privileges on labels.* to tradewind_owner@'%';
grant all privileges on tradewind.* to tradewind_owner@'%';

-- The application: rows of the shop; the thresholds of its rules to read; labels of simulated attacks to add.
grant select, insert, update, delete, execute on ecomm.* to tradewind_app@'%';
grant select on rules.* to tradewind_app@'%';
grant insert on labels.* to tradewind_app@'%';

-- The capture: what Debezium needs to read the log (replication slave), to know its position (replication client)
-- and to hold writers for the moment a snapshot begins (reload: it flushes with a read lock); the captured tables; its
-- own database, for heartbeat and signals.
grant replication slave, replication client, reload on *.* to tradewind_cdc@'%';
grant select on ecomm.* to tradewind_cdc@'%';
grant select, insert, update, delete on cdc.* to tradewind_cdc@'%';
