"""Errors of data read from files."""

from __future__ import annotations


class LoadError(RuntimeError):
    """Nothing was loaded; the message names the file, the line, the column and the reason."""

    def __init__(self, file: str, reason: str, line: int | None = None, column: str | None = None) -> None:
        place = file if line is None else f"{file}, line {line}"
        place = place if column is None else f"{place}, column {column}"
        super().__init__(f"{place}: {reason}")
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
