"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tradewind.stack.environment import Kind

Json = Annotated[bool, typer.Option("--json", help="Write the result as JSON, for scripts.")]
StackKind = Annotated[
    str | None,
    typer.Option(
        "--stack",
        help="How a new home captures: embedded (default), or kafka: through Kafka Connect; needs mvn.",
    ),
]
DatabaseKind = Annotated[
    str | None,
    typer.Option(
        "--database", help="A new home's database: postgres (default), or mariadb with --stack kafka."
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", "-s", help="Only these models, in dbt's syntax, such as ods_orders+; repeatable."
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="A database other than DATABASE_URL: postgresql://... or mysql://..., as its owner."
    ),
]


def kind_of(capture: str | None, database: str | None) -> Kind | None:
    """The kind of stack that was asked for; None where the home decides."""
    from tradewind.stack.environment import Kind

    for option, value, known in (
        ("--stack", capture, ("embedded", "kafka")),
        ("--database", database, ("postgres", "mariadb")),
    ):
        if value not in (None, *known):
            raise typer.BadParameter(f"{option} {value} is unknown; known are {', '.join(known)}")
    if capture is None and database is None:
        return None
    return Kind(capture or "embedded", database or "postgres")
