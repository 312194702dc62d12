"""The command line as a whole: every command and option is described, alike things are called alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from application.cli import commands
from tradewind.settings import PROJECT_ROOT

LONGEST_SUMMARY = 60
"""What `--help` of a group shows of a command on 80 columns."""

WITHOUT_JSON = {
    "down": "has no result",
    "docs": "serves a site until Ctrl+C",
    "logs": "prints lines of text as they are",
    "prepare": "has no result",
    "sql": "has --format json",
    "metric answer": "has --format json",
    "metric export": "writes JSON",
    "connectors logs": "prints lines of text as they are",
    "api key create": "prints the key alone, once",
    "api key revoke": "has no result",
    "source superuser-sql": "prints SQL",
    "alerts ack": "has no result",
    "alerts mute": "has no result",
    "alerts test": "has no result",
    "lakehouse env": "prints export lines",
    "lakehouse fetch": "prints one path",
}
"""Commands without --json, and why."""

PAGES = [
    PROJECT_ROOT / "README.md",
    PROJECT_ROOT / "CONTRIBUTING.md",
    *sorted((PROJECT_ROOT / "docs").glob("*.md")),
    *sorted((PROJECT_ROOT / "docs" / "adr").glob("*.md")),
    *sorted((PROJECT_ROOT / "docs" / "lessons").glob("*.md")),
    *sorted(PROJECT_ROOT.glob("*/README.md")),
]
DOCUMENTED = re.compile(r"(?:\.venv/bin/)?\btradewind ((?!-)[a-z][^`\n|;&#)]*)")


def is_group(command: Any) -> bool:
    return hasattr(command, "commands")


def walk(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by its words, groups left out."""
    for name, command in group.commands.items():
        if is_group(command):
            yield from walk(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ROOT: Any = typer.main.get_command(commands)
COMMANDS = dict(walk(ROOT))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_summary_that_fits_a_line(name: str) -> None:
    summary = (COMMANDS[name].help or "").splitlines()[0]
    assert summary.endswith(".") and len(summary) <= LONGEST_SUMMARY, summary
    assert summary[0].isupper()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_is_described(name: str) -> None:
    for parameter in COMMANDS[name].params:
        described = getattr(parameter, "help", None)
        assert described and described.endswith((".", ")")), f"{name} {parameter.name}: {described}"
        assert all(not word.startswith("--no-") or "tests" in word for word in parameter.opts)


def test_commands_with_a_result_take_json() -> None:
    without = {
        name for name, command in COMMANDS.items() if not any("--json" in p.opts for p in command.params)
    }
    assert without == set(WITHOUT_JSON)


def documented() -> list[tuple[str, str]]:
    """Every command that a page names, with the page."""
    return [
        (str(page.relative_to(PROJECT_ROOT)), match[1].strip())
        for page in PAGES
        for match in DOCUMENTED.finditer(page.read_text())
    ]


def is_command(text: str) -> bool:
    """Whether the text is more than the product's name in a sentence."""
    return text.split()[0] in ROOT.commands


@pytest.mark.parametrize(("page", "text"), sorted({item for item in documented() if is_command(item[1])}))
def test_a_documented_command_exists_with_its_options(page: str, text: str) -> None:
    words = re.split(r"\s{2,}#", text)[0].split()
    command = ROOT
    while is_group(command) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if words and hasattr(command, "default_command"):
        command = command.commands[command.default_command]
    if is_group(command):
        assert not words or words[0] in ("...",) or "|" in words[0], f"{page}: {text}"
        return
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    used = {word.split("=")[0].strip("[]\"'`.,") for word in words if word.strip("[").startswith("-")}
    assert used - {"-"} <= known, f"{page}: `tradewind {text}` has unknown options"


def test_there_are_documented_commands_of_every_group() -> None:
    named = {text.split()[0] for _, text in documented() if is_command(text)}
    assert named >= {"up", "down", "build", "status", "env", "sql", "docs", "source", "feeds", "lakehouse"}


def test_pages_exist() -> None:
    assert len(PAGES) > 20 and all(isinstance(page, Path) and page.is_file() for page in PAGES)
