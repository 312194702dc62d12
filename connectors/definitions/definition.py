"""The connector definition: one JSON file per source, read by Kafka Connect and by the embedded runner.

Placeholders are written as Kafka Connect's environment provider has them, `${env:NAME}`. The embedded
runner fills them from the project's settings instead of the environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from connectors.errors import CaptureError
from tradewind.settings import Endpoint, Settings, home_folder

Properties = dict[str, str]

POSTGRES_SOURCE = Path(__file__).parent / "postgres-source.json"

# Properties of a Connect worker, its producers and its topics; the embedded engine has none of them.
_KAFKA_CONNECT_ONLY = (
    "tasks.max",
    "topic.creation.",
    "producer.override.",
    "errors.",
    "exactly.once.support",
    "transaction.boundary",
    "key.converter",
    "value.converter",
)
_PLACEHOLDER = re.compile(r"\$\{env:([A-Z0-9_]+)\}")


def read_definition(path: Path = POSTGRES_SOURCE) -> Properties:
    """The definition as Kafka Connect gets it, with its placeholders."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CaptureError(f"connector definition {path.name} cannot be read: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise CaptureError(f"connector definition {path.name} must be one flat JSON object of texts")
    return content


def source_values(source: Endpoint) -> Properties:
    """The placeholders' values for a source database at this address."""
    return {
        "TRADEWIND_SOURCE_HOST": source.host,
        "TRADEWIND_SOURCE_PORT": str(source.port),
        "TRADEWIND_SOURCE_USER": source.user,
        "TRADEWIND_SOURCE_PASSWORD": source.password,
        "TRADEWIND_SOURCE_DATABASE": source.database,
    }


def connect_environment(settings: Settings) -> dict[str, str]:
    """Every placeholder's value, as variables of a Kafka Connect worker's environment."""
    warehouse, broker = settings.warehouse, Endpoint(settings.required("kafka_url"))
    return source_values(Endpoint(settings.database_replication_url)) | {
        "TRADEWIND_KAFKA_BOOTSTRAP": f"{broker.host}:{broker.port}",
        "TRADEWIND_WAREHOUSE_HOST": warehouse.host,
        "TRADEWIND_WAREHOUSE_PORT": str(warehouse.port),
        "TRADEWIND_WAREHOUSE_TLS": str(warehouse.scheme == "https").lower(),
        "TRADEWIND_WAREHOUSE_USER": warehouse.user,
        "TRADEWIND_WAREHOUSE_PASSWORD": warehouse.password,
        "TRADEWIND_LAKE": str(home_folder() / "lake"),
    }


def embedded_properties(definition: Properties, values: Mapping[str, str]) -> Properties:
    """The properties of a definition that the embedded engine takes, with the placeholders filled in."""
    kept = {name: text for name, text in definition.items() if not name.startswith(_KAFKA_CONNECT_ONLY)}
    return {name: _fill_in(name, text, values) for name, text in kept.items()}


def _fill_in(name: str, text: str, values: Mapping[str, str]) -> str:
    missing = [variable for variable in _PLACEHOLDER.findall(text) if variable not in values]
    if missing:
        raise CaptureError(f"connector property {name} needs {', '.join(missing)}, which is not set")
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], text)
