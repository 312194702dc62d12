"""Which rule a MySQL-family server names when it refuses, and PostgreSQL's test statements in its SQL."""

from __future__ import annotations

import pymysql

from tests.integration.marketplace.test_rules import CHECK_NOW, TAKE_TOO_MUCH
from tradewind.marketplace.mysql.refusals import rule_of as named_rule

MYSQL_STATEMENTS = {
    # Nothing is checked at commit: an order is compared with its items when it is no longer pending.
    CHECK_NOW: "update orders set status = 'confirmed' where status = 'pending'",
    TAKE_TOO_MUCH: "select take_stock(1, 1, 16, null, now(6), 'sale')",
}


def as_mysql(statement: str) -> str:
    """A statement of the PostgreSQL tests as these servers understand it."""
    return MYSQL_STATEMENTS.get(statement, statement)


def rule_of(error: pymysql.MySQLError) -> str:
    """The name of the rule or constraint that refused."""
    rule = named_rule(error)
    assert rule is not None, f"no rule named: {error}"
    return rule
