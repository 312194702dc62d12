"""Which fixtures every test can ask for."""

pytest_plugins = ["tests.fixtures.postgres", "tests.fixtures.warehouse"]
