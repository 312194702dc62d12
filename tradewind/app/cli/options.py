"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Write the result as JSON, for scripts.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="A database other than DATABASE_URL: postgresql://... or mysql://..., as its owner."
    ),
]
