"""Which rule a MySQL-family server names when it refuses a statement."""

from __future__ import annotations

import re

import pymysql

_NAMED_BY = (
    r"^(\w+): ",  # a rule's signal
    r"CONSTRAINT `(\w+)`",  # a check of MariaDB; a foreign key
    r"Check constraint '(\w+)'",  # a check of MySQL
    r"for key '(?:\w+\.)?(\w+)'",  # a unique key
)


def rule_of(error: pymysql.MySQLError) -> str | None:
    """The name of the rule or constraint that refused; None where none did."""
    message = str(error.args[-1])
    found = (re.search(pattern, message) for pattern in _NAMED_BY)
    return next((match[1] for match in found if match), None)
