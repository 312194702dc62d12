"""Which fixtures every test can ask for."""

pytest_plugins = ["tests.fixtures.capture", "tests.fixtures.dbt", "tests.fixtures.lakehouse", "tests.fixtures.postgres", "tests.fixtures.stack", "tests.fixtures.warehouse"]
