"""Versions of models: files in the home, one row each in the warehouse's table `ml.model_versions`.

A version is written once and never changed. Its files are XGBoost's own format and JSON, which hold no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.ml.errors import RegistryError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

CHALLENGER, CHAMPION, RETIRED = "challenger", "champion", "retired"
TABLE = "ml.model_versions"
CREATE = f"""\
create table if not exists {TABLE} (
    model LowCardinality(String) comment 'Name of the model, such as demand',
    version String comment 'When it was trained, UTC, as text that sorts',
    stage LowCardinality(String) comment 'challenger, champion (its predictions are used) or retired',
    train_from Date comment 'First day that it was trained on',
    train_until Date comment 'Last day that it was trained on',
    features Array(String) comment 'What it reads, in order',
    metrics String comment 'What it reached in the back-test, JSON: metric -> value',
    data_checksum String comment 'SHA-256 of the training data',
    files String comment 'Its files and their SHA-256, JSON',
    seed UInt64 comment 'Seed of all chance in its training',
    changed_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it came into this stage'
) engine = ReplacingMergeTree(changed_at) order by (model, version)
comment 'Versions of the models, with what they were trained on and what they reached'
"""
_COLUMNS = "model, version, stage, train_from, train_until, features, metrics, data_checksum, files, seed"


@dataclass(frozen=True)
class ModelVersion:
    """One version, without its files' content."""

    model: str
    version: str
    stage: str
    train_from: date
    train_until: date
    features: Sequence[str]
    metrics: Mapping[str, float]
    data_checksum: str
    files: Mapping[str, str]
    """File name -> SHA-256."""
    seed: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"train_from": str(self.train_from), "train_until": str(self.train_until)}


@dataclass(frozen=True)
class Trained:
    """What a training hands over."""

    model: str
    files: Mapping[str, bytes]
    train_from: date
    train_until: date
    features: Sequence[str]
    metrics: Mapping[str, float]
    data_checksum: str
    seed: int
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Registry:
    """The versions of one home and its warehouse."""

    def __init__(self, client: Client, folder: Path) -> None:
        """`folder` is where files are kept, one folder per model and version."""
        self._client = client
        self._folder = folder

    def create(self) -> None:
        """Make the table if there is none."""
        self._client.command(CREATE)

    def add(self, trained: Trained) -> ModelVersion:
        """Keep a new version as a challenger; its row is written once its files are whole."""
        name = trained.at.strftime("%Y%m%dT%H%M%S%fZ")
        folder = self._folder / trained.model / name
        draft = folder.with_name(f"{name}.draft")
        draft.mkdir(parents=True, mode=0o700)
        for file, content in trained.files.items():
            (draft / file).write_bytes(content)
        draft.rename(folder)
        version = ModelVersion(
            trained.model,
            name,
            CHALLENGER,
            trained.train_from,
            trained.train_until,
            list(trained.features),
            dict(trained.metrics),
            trained.data_checksum,
            {file: hashlib.sha256(content).hexdigest() for file, content in trained.files.items()},
            trained.seed,
        )
        self._write([version])
        return version

    def list(self, model: str | None = None) -> list[ModelVersion]:
        """All versions, the latest first."""
        rows = self._client.query(
            f"select {_COLUMNS} from {TABLE} final where {{model:String}} in ('', model) "  # noqa: S608
            "order by model, version desc",
            parameters={"model": model or ""},
        ).result_rows
        return [_version(row) for row in rows]

    def champion(self, model: str) -> ModelVersion | None:
        """The version whose predictions are used; None if none was promoted."""
        return next((each for each in self.list(model) if each.stage == CHAMPION), None)

    def find(self, model: str, version: str | None = None) -> ModelVersion:
        """The version whose name begins so, or the champion; RegistryError if there is not exactly one."""
        versions = self.list(model)
        if version is None:
            found = [each for each in versions if each.stage == CHAMPION]
            missing = f"{model} has no champion; train a version and promote it"
        else:
            found = [each for each in versions if each.version.startswith(version)]
            missing = f"{len(found)} versions of {model} begin with {version!r}"
        if len(found) != 1:
            raise RegistryError(f"{missing}: `tradewind ml list {model}` shows them")
        return found[0]

    def files(self, version: ModelVersion) -> dict[str, bytes]:
        """The files' content; RegistryError if one is missing or was changed."""
        folder = self._folder / version.model / version.version
        found = {}
        for name, checksum in version.files.items():
            path = folder / name
            if not path.is_file():
                raise RegistryError(f"{path} is missing; train {version.model} anew")
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != checksum:
                raise RegistryError(f"{path} is not what was written; train {version.model} anew")
            found[name] = content
        return found

    def promote(self, version: ModelVersion, metric: str, *, is_forced: bool = False) -> ModelVersion:
        """Make a version the champion, if its back-test is not worse than the champion's (lower is better).

        RegistryError says by how much it is worse. The champion until now is retired.
        """
        current = self.champion(version.model)
        if current is not None and current.version == version.version:
            return current
        if current is not None and not is_forced:
            ours, theirs = version.metrics.get(metric), current.metrics.get(metric)
            if ours is None or theirs is None or ours > theirs:
                raise RegistryError(
                    f"{version.model} {version.version} has {metric} {ours}, the champion "
                    f"{current.version} has {theirs}; promote it all the same with --force"
                )
        retired = [_in_stage(current, RETIRED)] if current else []
        promoted = _in_stage(version, CHAMPION)
        self._write([*retired, promoted])
        return promoted

    def _write(self, versions: Sequence[ModelVersion]) -> None:
        self._client.insert(
            TABLE,
            [
                [
                    each.model, each.version, each.stage, each.train_from, each.train_until,
                    list(each.features), json.dumps(dict(each.metrics)), each.data_checksum,
                    json.dumps(dict(each.files)), each.seed,
                ]
                for each in versions
            ],
            column_names=_COLUMNS.split(", "),
        )  # fmt: skip


def _version(row: Sequence[Any]) -> ModelVersion:
    model, version, stage, first, last, features, metrics, checksum, files, seed = row
    return ModelVersion(
        model, version, stage, first, last, features, json.loads(metrics), checksum, json.loads(files), seed
    )


def _in_stage(version: ModelVersion, stage: str) -> ModelVersion:
    return ModelVersion(**(vars(version) | {"stage": stage}))
