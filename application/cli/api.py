"""`tradewind api key`: the keys of the HTTP API."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from application.cli.console import OUT, table, write
from application.cli.options import Json
from tradewind.settings import home_folder
from tradewind.stack.api_keys import ApiKey, Keys, Role

commands = typer.Typer(help="The HTTP API.", no_args_is_help=True)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
commands.add_typer(keys, name="key")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    role: Annotated[Role, typer.Option(help="What it may read.")],
    seller: Annotated[int | None, typer.Option(help="With the role seller: whose rows.")] = None,
) -> None:
    """Make a key and write it once; it cannot be shown again."""
    write(Keys(home_folder()).create(name, role, seller))


@keys.command("list")
def list_keys(json_output: Json = False) -> None:
    """Show the keys, without their secrets."""
    found = list(Keys(home_folder()).all().values())
    if json_output:
        write(json.dumps([_shown(key) for key in found], indent=2))
        return
    OUT.print(
        table(("id", "name", "role", "seller", "created"), [tuple(_shown(key).values()) for key in found])
    )


@keys.command()
def revoke(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="From `tradewind api key list`.")],
) -> None:
    """Remove a key; it is refused from now on."""
    key = Keys(home_folder()).revoke(identifier)
    write(f"revoked {key.id} ({key.name})")


def _shown(key: ApiKey) -> dict[str, str]:
    fields = asdict(key)
    del fields["secret_hash"]
    return {name: "" if value is None else str(value) for name, value in fields.items()}
