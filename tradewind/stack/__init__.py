"""Starting, stopping and supervising services on one machine, without Docker.

service.py      what a stack consists of: services, tasks, and a blueprint that lists them
lifecycle.py    up, down and status of a blueprint (the platform's is `application.stack`)
startup.py      starting services and tasks in order, and the check of one service
environment.py  the home's stack.env and the warehouse's users and access files: addresses, passwords, roles
ports.py        which port a service gets, and which process holds a port that is taken
supervisor.py   supervisord: its configuration, its start, its remote control
processes.py    which processes belong to a home, also after supervisord was killed
logs.py         reading the services' logs
postgres.py     the embedded PostgreSQL: its data folder, roles and server process
privileges.py   starting a program that refuses to run as root
"""
