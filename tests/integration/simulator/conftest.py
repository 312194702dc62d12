"""The databases of the marketplace's tests, here too."""

from tests.integration.marketplace.conftest import new_database as new_database
