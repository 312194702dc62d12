"""The application: the command line and what runs other programs (the stack's services, Dagster, dbt)."""
