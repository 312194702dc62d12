"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Write the result as JSON, for scripts.")]
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
