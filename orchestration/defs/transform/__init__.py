"""ODS, CDM and ADS: the dbt models with their tests, the job and the schedule that run them."""
