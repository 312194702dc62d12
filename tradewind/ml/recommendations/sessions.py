"""The data shape `sessions`: train.tsv and test.tsv, lines `item item item<TAB>next_item`; its generator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Ints
from tradewind.ml.recommendations.histories import Histories, from_lists
from tradewind.ml.text import lines_of

FILES = ("train.tsv", "test.tsv")
EXPECTED = "the session's items so far separated by spaces, a tab, and the next item"


@dataclass(frozen=True)
class Sessions:
    """Whole sessions to learn from, the latest last; beginnings of others, and the item that came next."""

    train: Histories
    prefixes: Histories
    target: Ints


def read(folder: Path) -> Sessions:
    """The sessions of a folder of this shape; DataError names the file and line that does not fit."""
    files = {}
    for name in FILES:
        file = folder / name
        if not file.is_file():
            raise DataError(f"{file} does not exist; give a folder with {' and '.join(FILES)}")
        files[name] = [_items(file, number, line) for number, line in lines_of(file, ".tsv")]
        if not files[name]:
            raise DataError(f"{file} has no lines; expected {EXPECTED}")
    return of_lists(list(whole(files["train.tsv"])), files["test.tsv"])


def of_lists(train: list[list[str]], test: list[list[str]]) -> Sessions:
    """Sessions of lists of items; those of the test end with the next item."""
    both = from_lists([*train, *(items[:-1] for items in test), [items[-1] for items in test]])
    learned, rest = len(train), len(test)
    return Sessions(
        both.of(np.arange(learned)),
        both.of(np.arange(learned, learned + rest)),
        both.item[both.owner == learned + rest],
    )


def whole(lines: Iterable[list[str]]) -> Iterator[list[str]]:
    """Sessions by their beginnings: of lines in a row that grow or shrink by an item, the longest."""
    longest: list[str] = []
    last = 0
    for items in lines:
        grows = len(items) == last + 1 == len(longest) + 1 and items[:last] == longest
        shrinks = len(items) == last - 1 and items == longest[: last - 1]
        if longest and not grows and not shrinks:
            yield longest
        if not shrinks:
            longest = items
        last = len(items)
    if longest:
        yield longest


def write(folder: Path, train: list[list[int]], test: list[list[int]]) -> None:
    """Write sessions in this shape: a line for each beginning, the longest first."""
    for name, sessions in zip(FILES, (train, test), strict=True):
        lines = [
            f"{' '.join(map(str, items[:end]))}\t{items[end]}\n"
            for items in sessions
            for end in range(len(items) - 1, 0, -1)
        ]
        (folder / name).write_text("".join(lines))


def generate(*, sessions: int, items: int, seed: int, themes: int = 40) -> list[list[int]]:
    """Item ids per session: short walks among the neighbours of a theme, which may return to an item.

    What is popular moves on with time, so that recent sessions say more.
    """
    generator = np.random.default_rng(seed)
    per_theme = items // themes
    found = []
    for number in range(sessions):
        theme, centre = int(generator.integers(themes)), per_theme * number / sessions
        length = int(min(20, 1 + generator.geometric(0.3)))
        places = (centre + generator.normal(0, per_theme / 12, length)).round().astype(int) % per_theme
        found.append([int(theme + place * themes + 1) for place in places])
    return [walk for walk in found if len(walk) > 1]


def _items(file: Path, number: int, line: str) -> list[str]:
    """The session's items and the next one."""
    parts = line.split("\t")
    if len(parts) != 2 or not parts[0].split() or len(parts[1].split()) != 1:
        raise DataError(f"{file}, line {number}: {line[:60]!r}; expected {EXPECTED}")
    return [*parts[0].split(), parts[1].strip()]
