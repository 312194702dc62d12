"""The stored offset: complete transactions only, replaced in one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.embedded.offsets import Offset, OffsetFile, from_engine
from connectors.embedded.source_check import Slot, lsn_text, require_resumable, require_unused
from connectors.errors import CaptureError


def test_a_position_inside_a_transaction_is_stored_as_its_start() -> None:
    stored = from_engine({"lsn": 900, "lsn_proc": 900, "lsn_commit": 800, "messageType": "INSERT"}, rows=5)
    assert stored == Offset(lsn=800, rows=5, engine={"lsn": 800, "lsn_commit": 800})


def test_an_incremental_snapshot_does_not_restart_the_first_snapshot() -> None:
    offset = {"lsn": 9, "lsn_commit": 8, "snapshot": "INCREMENTAL", "snapshot_completed": False}
    stored = from_engine({**offset, "incremental_snapshot_primary_key": "ab"}, rows=1)
    assert stored.is_snapshot_complete
    assert stored.engine == {"lsn": 8, "lsn_commit": 8, "incremental_snapshot_primary_key": "ab"}


def test_a_saved_offset_is_loaded(tmp_path: Path) -> None:
    file = OffsetFile(tmp_path / "new" / "folder", "source")
    assert file.load() is None
    for lsn in (None, 7):
        offset = Offset(lsn=lsn, rows=3, engine={"lsn": lsn})
        file.save(offset)
        assert file.load() == offset
    assert [path.name for path in file.folder.iterdir()] == ["source.offset.json"]


def test_a_truncated_file_is_refused_by_name(tmp_path: Path) -> None:
    file = OffsetFile(tmp_path, "source")
    file.path.write_text('{"lsn": 1')
    with pytest.raises(CaptureError, match=r"source\.offset\.json is damaged"):
        file.load()


def test_a_slot_at_or_before_the_offset_can_be_resumed() -> None:
    for confirmed in (0, 99, 100):
        require_resumable(Slot("tradewind", confirmed, None, None), Offset(lsn=100), "db")


@pytest.mark.parametrize(
    ("slot", "reason"),
    [
        (None, "gone"),
        (Slot("tradewind", 101, None, None), "past the stored offset"),
        (Slot("tradewind", 100, None, "wal_removed"), "wal_removed"),
    ],
)
def test_a_slot_that_lost_changes_is_refused_with_the_way_out(slot: Slot | None, reason: str) -> None:
    with pytest.raises(CaptureError, match=reason) as refusal:
        require_resumable(slot, Offset(lsn=100), "db")
    assert "--new-snapshot" in str(refusal.value)


def test_a_slot_unknown_to_this_home_is_refused() -> None:
    require_unused(None, "db")
    with pytest.raises(CaptureError, match="holds no offset"):
        require_unused(Slot("tradewind", 1, None, None), "db")


def test_log_positions_read_as_postgresql_writes_them() -> None:
    assert lsn_text(0x16_B374D848) == "16/B374D848"
