"""ODS, CDM and ADS: the dbt models with their tests, the job and the schedule that run them.

Belongs here: running dbt once per job and reporting what it did. Doesn't: SQL (`dbt_project/`).
"""
