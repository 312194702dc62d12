"""The public RetailRocket sample: views of users in no known order."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tradewind.ml.errors import DataError
from tradewind.ml.recommendations.histories import Histories, from_lists
from tradewind.ml.text import only_file

VIEWS = "view_ecommerce.dat"


def read(folder: Path) -> Histories:
    """The items that each user viewed, from the sample's zip archive."""
    archive = only_file(folder, ".zip")
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if name.endswith(VIEWS)]
        if len(names) != 1:
            raise DataError(f"{archive} has {len(names)} files {VIEWS}; it should have one")
        lines = opened.read(names[0]).decode().splitlines()[1:]
    users: dict[str, list[str]] = {}
    for line in lines:
        user, item = line.split("\t")[:2]
        users.setdefault(user, []).append(item)
    return from_lists(users.values())
