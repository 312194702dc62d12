"""Everything that uses names which Dagster and dagster-dbt do not promise to keep (decision 50).

storage.py   Dagster's records in SQLite, recorded faster
dbt_cli.py   dbt as a process, started once per job
runs.py      a job run in this process, its events as they happen

tests/unit/test_private_names.py fails, naming the place here, when an upgrade changes one of them.
"""
