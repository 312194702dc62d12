"""The embedded stack: PostgreSQL, the warehouse, the capture and Dagster on one machine, no Docker.

lifecycle.py    up, down, status: the order of things
services.py     what runs: one declaration per service (command, needs, health)
environment.py  the home's stack.env and warehouse-users.json: addresses and passwords
ports.py        which port a service gets, and who holds a port that is taken
supervisor.py   supervisord: its configuration, its start, talking to it
processes.py    which processes belong to a home, also after supervisord was killed
health.py       how each service is asked whether it works
logs.py         reading the services' logs
postgres.py     PostgreSQL itself: the data folder, its roles, its server process
"""
