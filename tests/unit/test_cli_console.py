"""Data on the console stands there as it is, whatever it looks like."""

from __future__ import annotations

import pytest
from rich.text import Text

from application.cli.console import OUT, table


def shown(content: object) -> list[str]:
    with OUT.capture() as capture:
        OUT.print(content, markup=False)
    return capture.get().splitlines()


@pytest.mark.parametrize("text", ["[new] shoes", "x [/b] y", "[red]1[/red]", ":smile:"])
def test_data_is_shown_as_it_is_in_a_cell_a_heading_and_a_line(text: str) -> None:
    heading, cell = shown(table((text,), [(text,)]))
    assert (heading.strip(), cell.strip()) == (text, text)
    assert shown(text) == [text]


def test_a_styled_cell_shows_its_text() -> None:
    assert shown(table(("state",), [(Text("running", style="green"),)]))[1].strip() == "running"


def test_numbers_stand_right_and_nothing_stands_for_none() -> None:
    assert [line.split() for line in shown(table(("n",), [(1,), (100,)]))] == [["n"], ["1"], ["100"]]
    assert shown(table(("n",), [(1,), (100,)]))[1].rstrip().endswith("  1")
    assert shown(table(("a", "b"), [(None, "x")]))[1].strip() == "x"
