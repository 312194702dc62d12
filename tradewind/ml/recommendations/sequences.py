"""The data shape `sequences`: text, a user per line: user id, then item ids in time order; its generator."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tradewind.ml.errors import DataError
from tradewind.ml.recommendations.histories import Histories, from_lists
from tradewind.ml.text import lines_of

EXPECTED = "a user id and that user's item ids in time order, separated by spaces"


def read(path: Path) -> Histories:
    """The histories of a file of this shape, also compressed; DataError names the line that does not fit."""
    users: dict[str, int] = {}
    lists = []
    for number, line in lines_of(path, ".txt"):
        user, *items = line.split()
        if not items:
            raise DataError(f"{path}, line {number}: user {user!r} has no items; expected {EXPECTED}")
        if user in users:
            raise DataError(f"{path}, line {number}: user {user!r} is on line {users[user]} already")
        users[user] = number
        lists.append(items)
    if not lists:
        raise DataError(f"{path} has no lines; expected {EXPECTED}")
    return from_lists(lists)


def write(path: Path, lists: list[list[int]]) -> None:
    """Write histories of users 1, 2, ... in this shape."""
    lines = (" ".join(map(str, [user, *items])) for user, items in enumerate(lists, 1))
    path.write_text("\n".join(lines) + "\n")


def generate(*, users: int, items: int, seed: int, themes: int = 20, most: int = 25) -> list[list[int]]:
    """Item ids per user: users stay with a theme for a while, go on to neighbours in it, and never repeat.

    Items are numbered from 1; item i has the theme i mod `themes`; low numbers are popular.
    """
    generator = np.random.default_rng(seed)
    per_theme = items // themes
    popularity = (1 + np.arange(per_theme)) ** -0.8
    popularity /= popularity.sum()
    found = []
    for _ in range(users):
        length = int(min(most, 4 + generator.geometric(0.2)))
        found.append(_walk(generator, length, themes, popularity))
    return found


def _walk(generator: np.random.Generator, length: int, themes: int, popularity: np.ndarray) -> list[int]:
    """Different items; the next one is the last one's neighbour, a popular one of its theme or another."""
    theme, place = int(generator.integers(themes)), int(generator.choice(len(popularity), p=popularity))
    seen = [theme + place * themes + 1]
    for _ in range(4 * length):
        if len(seen) == length:
            break
        chance = generator.random()
        if chance < 0.4:
            place = (place + 1) % len(popularity)
        else:
            theme = theme if chance < 0.85 else int(generator.integers(themes))
            place = int(generator.choice(len(popularity), p=popularity))
        item = theme + place * themes + 1
        if item not in seen:
            seen.append(item)
    return seen
