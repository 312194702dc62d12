"""What can go wrong with the lakehouse; every message names the thing and the way out."""


class LakehouseError(RuntimeError):
    """The lakehouse cannot do what was asked; one clear message for the person at the keyboard."""
