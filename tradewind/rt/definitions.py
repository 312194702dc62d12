"""The near-real-time models as the dbt manifest has them: what they read, and a checksum of what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

Manifest = dict[str, Any]

LAYER = "rt"
MART_DEPTH = 3
"""Words of a mart's place in the project: project, layer, name."""


def models(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The layer's models by name."""
    nodes = manifest["nodes"].values()
    return {
        node["name"]: node
        for node in sorted(nodes, key=lambda node: str(node["name"]))
        if node["resource_type"] == "model" and node["fqn"][1] == LAYER
    }


def marts(manifest: Manifest) -> list[str]:
    """The names of the models that people read: those in the layer's folder itself."""
    return [name for name, model in models(manifest).items() if len(model["fqn"]) == MART_DEPTH]


def states_of(manifest: Manifest, mart: str | None) -> list[str]:
    """The states that a mart is made from, however many models lie between; all of them without a name."""
    known = models(manifest)
    waiting = [mart] if mart else list(known)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            read = (node.rpartition(".")[2] for node in known[name]["depends_on"]["nodes"])
            waiting += [input_name for input_name in read if input_name in known]
    return sorted(name for name in found if known[name]["config"]["materialized"] == "state")


def logs(manifest: Manifest) -> list[tuple[str, str]]:
    """Database and table of every change log that they read."""
    read = {
        source for model in models(manifest).values() for source in model["depends_on"]["nodes"]
        if source.startswith("source.")
    }  # fmt: skip
    found = (manifest["sources"][source] for source in read)
    return sorted((source["schema"], source["name"]) for source in found)


def checksum(manifest: Manifest, settings: str) -> str:
    """A checksum of all that the models are made from; `settings`: the text of all settings."""
    known = models(manifest)
    digest = sha256(settings.encode())
    for name, model in known.items():
        parts = (name, model["raw_code"], model["config"], model["columns"], model["description"])
        digest.update(json.dumps(parts, sort_keys=True, default=str).encode())
    for macro in sorted(set(_macros(manifest, known))):
        digest.update(manifest["macros"][macro]["macro_sql"].encode())
    return digest.hexdigest()


def _macros(manifest: Manifest, known: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The macros that the models call, and those that these call."""
    waiting = [macro for model in known.values() for macro in model["depends_on"]["macros"]]
    waiting += [name for name, macro in manifest["macros"].items() if _is_of_layer(macro)]
    seen: set[str] = set()
    while waiting:
        macro = waiting.pop()
        if macro in seen or macro not in manifest["macros"]:
            continue
        seen.add(macro)
        yield macro
        waiting += manifest["macros"][macro]["depends_on"]["macros"]


def _is_of_layer(macro: dict[str, Any]) -> bool:
    return str(macro["original_file_path"]).startswith(f"macros/{LAYER}/")
