"""The shop on a MySQL-family server: MySQL 8, MariaDB 10.11 or newer."""
