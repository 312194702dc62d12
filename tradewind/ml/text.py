"""Files in the documented data shapes: which one is meant, its lines, its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.source.errors import LoadError
from tradewind.source.text_file import DECOMPRESSION_ERRORS, open_lines


def lines_of(path: Path, ending: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank; of a folder, of its only file with this ending.

    Files may be compressed (.zst, .gz). DataError if there is no such file or it is not text.
    """
    file = only_file(path, ending)
    try:
        with open_lines(file) as lines:
            for line in lines:
                lines.row_size = 0
                if not line.isspace():
                    yield lines.number, line.rstrip("\r\n")
    except (LoadError, UnicodeDecodeError, *DECOMPRESSION_ERRORS) as error:
        raise DataError(f"{file} cannot be read as text: {error}") from error


def only_file(path: Path, *endings: str) -> Path:
    """The file itself, or the only one in a folder that has one of these endings in its name."""
    if not path.exists():
        raise DataError(f"{path} does not exist; give a file ({', '.join(endings)})")
    if path.is_file():
        return path
    found = sorted(file for file in path.iterdir() if set(endings) & set(file.suffixes))
    if len(found) != 1:
        raise DataError(f"{path} holds {len(found)} files ({', '.join(endings)}); name the one to read")
    return found[0]


def select_columns(table: pd.DataFrame, columns: Sequence[str], file: Path) -> pd.DataFrame:
    """A copy of the table with these columns only; DataError names those that the file lacks."""
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise DataError(f"{file} lacks the columns {', '.join(missing)}; expected {','.join(columns)}")
    return table[list(columns)].copy()
