"""Drop folders: a file put into `drops/<feed>/` is checked, written to the change log and moved away.

    drops/geography/x.csv  ->  .taken/  ->  done/  or  refused/, with x.csv.reason.txt beside it

Only names that end in `.csv`, `.csv.zst` or `.csv.gz` are read: write under another name (`x.csv.part`) and
rename when the file is complete. `unread` names what else lies in the folders, and why it is not read. A file
is moved to `.taken` before it is read, so nobody writes to it meanwhile; the next run finishes what a killed
run had taken. The change log records what was accepted in the same insert as the rows, so a file is never
half stored.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Literal

from connectors.feeds.catalog import FILE_FEEDS
from connectors.feeds.change_log import Change, ChangeLog, Delivery, Row
from connectors.feeds.declaration import PERIOD, FileFeed
from connectors.feeds.files import Content, read_content
from tradewind.source.errors import LoadError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_DATA_FILE = re.compile(r".+\.csv(\.zst|\.gz)?", re.IGNORECASE)
# Files that a program is writing, or keeps for itself.
_UNFINISHED = re.compile(r"\..*|.*~|.*\.(part|partial|tmp|temp|crdownload|download|swp)", re.IGNORECASE)
_TAKEN, _DONE, _REFUSED = ".taken", "done", "refused"


@dataclass(frozen=True)
class Outcome:
    """The result of one file."""

    feed: str
    file: str
    result: Literal["ingested", "already there", "refused"]
    period: str | None
    rows: int
    removed: int
    """Rows of the month's earlier version that the file no longer has."""
    reason: str
    moved_to: str

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


def folder_of(drops: Path, feed: FileFeed) -> Path:
    """Where a feed's files are dropped."""
    return drops / feed.name


def waiting(drops: Path) -> list[Path]:
    """The files that the next run will read; first those that a killed run had taken."""
    folders = [folder_of(drops, feed) for feed in FILE_FEEDS]
    return [path for folder in folders for path in (*_left_over(folder), *_ready(folder))]


def unread(drops: Path) -> list[str]:
    """What lies in the drop folders and is never read, each with the reason; unfinished files excepted."""
    feeds = {feed.name: folder_of(drops, feed) for feed in FILE_FEEDS}
    if not drops.is_dir():
        return []
    unknown = [
        path for path in sorted(drops.iterdir()) if path.name not in feeds and not _is_unfinished(path)
    ]
    misplaced = [
        path
        for folder in feeds.values()
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.name not in (_DONE, _REFUSED) and not _is_unfinished(path) and _arrived(path) is None
    ]
    return [_about_unknown(path, list(feeds)) for path in unknown] + [
        _about_misplaced(path) for path in misplaced
    ]


def _is_unfinished(path: Path) -> bool:
    return _UNFINISHED.fullmatch(path.name) is not None


def _about_unknown(path: Path, feeds: list[str]) -> str:
    if not path.is_dir():
        return f"{path} is not read: files belong in the folder of their feed ({', '.join(feeds)})"
    close = get_close_matches(path.name.lower().replace("-", "_"), feeds, n=1)
    meant = f"; rename it to {close[0]}" if close else ""
    return f"{path} is not read: there is no feed of that name{meant} (feeds: {', '.join(feeds)})"


def _about_misplaced(path: Path) -> str:
    if path.is_dir():
        return f"{path} is not read: files belong in {path.parent} itself"
    if _DATA_FILE.fullmatch(path.name):
        return f"{path} is not read: it is not a regular file"
    return f"{path} is not read: its name must end in .csv, .csv.zst or .csv.gz"


def ingest(drops: Path, client: Client, feeds: Sequence[FileFeed] = FILE_FEEDS) -> list[Outcome]:
    """Ingest every waiting file; one outcome per file. One run at a time; a second one waits."""
    outcomes: list[Outcome] = []
    for feed in feeds:
        folder = folder_of(drops, feed)
        for name in (_TAKEN, _DONE, _REFUSED):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with _only_run(folder):
            log = ChangeLog(client, feed.name, feed.key)
            outcomes += [_finish(path, feed, log) for path in _left_over(folder)]
            outcomes += [_finish(_take(path), feed, log) for path in _ready(folder)]
    return outcomes


def _left_over(folder: Path) -> list[Path]:
    taken = folder / _TAKEN
    return sorted(taken.iterdir()) if taken.is_dir() else []


def _ready(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = [(arrived, path) for path in folder.iterdir() if (arrived := _arrived(path)) is not None]
    return [path for _, path in sorted(found, key=lambda item: (item[0], item[1].name))]


def _arrived(path: Path) -> int | None:
    """When a dropped file was written; None if it is no data file, or has just been taken by another run."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    is_data_file = _DATA_FILE.fullmatch(path.name) and S_ISREG(status.st_mode)
    return status.st_mtime_ns if is_data_file else None


def _take(path: Path) -> Path:
    return path.rename(path.parent / _TAKEN / path.name)


def _finish(path: Path, feed: FileFeed, log: ChangeLog) -> Outcome:
    """Read a taken file, write its changes, and move it to `done` or `refused`."""
    try:
        content = read_content(path, feed)
    except (LoadError, OSError) as error:
        return _refuse(path, feed, error)
    versions = log.origins("sha256", **{PERIOD: content.period})
    if content.digest in versions:
        is_newest = content.digest == versions[0]
        note = "" if is_newest else "a newer version of this month was ingested later, and is kept"
        return Outcome(feed.name, path.name, "already there", content.period, 0, 0, note, _move(path, _DONE))
    removed = _removed(content, feed, log)
    changes = [Change("d", row) for row in removed] + [Change("c", row) for row in content.rows]
    origin = {"file": path.name, "sha256": content.digest}
    log.append(Delivery(changes, origin, log.next_time()))
    counts = (len(content.rows), len(removed))
    return Outcome(feed.name, path.name, "ingested", content.period, *counts, "", _move(path, _DONE))


def _removed(content: Content, feed: FileFeed, log: ChangeLog) -> list[Row]:
    """The keys of the month's earlier version that this one does not have."""
    kept = {tuple(row[name] for name in feed.key) for row in content.rows}
    earlier = log.live_keys(**{PERIOD: content.period})
    return [row for row in earlier if tuple(row[name] for name in feed.key) not in kept]


def _refuse(path: Path, feed: FileFeed, error: Exception) -> Outcome:
    reason = str(error)
    moved = _move(path, _REFUSED)
    drop = path.parent.parent
    Path(f"{moved}.reason.txt").write_text(
        f"{reason}\nNothing of the file was ingested. Correct it and put it into {drop} again.\n"
    )
    return Outcome(feed.name, path.name, "refused", None, 0, 0, reason, moved)


def _move(path: Path, name: str) -> str:
    """Move a taken file, under a name that no earlier file has."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return str(path.rename(path.parent.parent / name / f"{stamp}_{path.name}"))


@contextmanager
def _only_run(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
