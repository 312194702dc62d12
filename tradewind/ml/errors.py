"""What can be wrong with data or models; each message names the field and the way out."""

from __future__ import annotations


class DataError(ValueError):
    """A data set does not have the documented shape."""


class LeakageError(ValueError):
    """A feature sees what was not known at its moment."""


class RegistryError(ValueError):
    """A model version does not exist, is damaged or may not be promoted."""
