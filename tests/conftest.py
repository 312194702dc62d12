"""Which fixtures every test can ask for; those that others build on come first."""

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.warehouse",
    "tests.fixtures.capture",
    "tests.fixtures.dbt",
    "tests.fixtures.stack",
    "tests.fixtures.lakehouse",
]
