"""Errors of the lakehouse; every message names what failed and what to do."""


class LakehouseError(RuntimeError):
    """The lakehouse cannot do what was requested; the message is for the user."""
