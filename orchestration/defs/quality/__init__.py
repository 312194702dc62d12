"""The quality gate between the change logs and ODS, as checks of the logs."""
