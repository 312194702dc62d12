"""How data gets in, by mode.

definitions/  connector definitions, one JSON file per source
embedded/     Debezium in a Python process
bronze/       the writer of the change log, and waiting until it has everything
feeds/        dropped files, and answers of other services
"""
