"""Looking into the drop folders."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path, PosixPath

from connectors.feeds.catalog import GEOGRAPHY
from connectors.feeds.drops import waiting


class Busy(PosixPath):
    """A folder whose files are taken by another run while it is read."""

    def iterdir(self) -> Generator[Busy, None, None]:
        for path in list(super().iterdir()):
            yield path
            path.unlink()


def test_a_file_that_is_taken_while_the_folder_is_read_is_no_error(tmp_path: Path) -> None:
    folder = tmp_path / GEOGRAPHY.name
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        (folder / name).touch()
    assert len(waiting(Busy(tmp_path))) == 2
    assert waiting(tmp_path) == []


def test_only_whole_files_wait_the_oldest_first(tmp_path: Path) -> None:
    folder = tmp_path / GEOGRAPHY.name
    (folder / "folder.csv").mkdir(parents=True)
    for second, name in enumerate(("z.csv", "a.csv", "b.csv.part")):
        (folder / name).touch()
        os.utime(folder / name, (second, second))
    (folder / "gone.csv").symlink_to("nowhere")
    assert [path.name for path in waiting(tmp_path)] == ["z.csv", "a.csv"]
