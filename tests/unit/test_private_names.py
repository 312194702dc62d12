"""What an upgrade may change without notice: private names of Dagster, and replaced macros of dbt's adapters.

Each is used in one place (decision 50). A digest of every original is kept here: when an upgrade changes one,
the test names it and the place that depends on it.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
from collections.abc import Iterator
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

from tradewind.settings import PROJECT_ROOT

INTERNALS = "orchestration/internals"
OVERRIDES = PROJECT_ROOT / "macros" / "adapter_overrides.sql"
PACKAGES = (
    "tradewind",
    "application",
    "connectors",
    "orchestration",
    "simulator",
    "clickhouse_server",
    "dbt_tradewind",
    "benchmarks",
)
METRICFLOW = ("metricflow", "metricflow_semantics", "metricflow_semantic_interfaces")
LIBRARIES = ("dagster", "dagster_dbt", "dagster_pyspark", "dbt", *METRICFLOW)

EVENT_LOG = "dagster._core.storage.event_log.sqlite.sqlite_event_log.SqliteEventLogStorage"
PRIVATE = {
    "storage.py": {
        f"{EVENT_LOG}._connect": "3e004cfbb32d",
        f"{EVENT_LOG}.__init__": "c35213f53b26",
        f"{EVENT_LOG}._initdb": "6c1c44878a94",
        f"{EVENT_LOG}.conn_string_for_shard": "891d75cc5d9e",
        "dagster._core.storage.sqlite_storage.DagsterSqliteStorage.__init__": "b43b969daeb2",
        "dagster._core.storage.sqlite_storage.DagsterSqliteStorage.from_local": "85b6f3b4b4cb",
        "dagster._core.storage.sqlite_storage.DagsterSqliteStorage.from_config_value": "460468dbd72a",
        "dagster._serdes.ConfigurableClassData": "c52022929e47",
    },
    "dbt_cli.py": {
        "dagster_dbt.core.resource.DbtCliResource.cli": "790bbe074eeb",
        "dagster_dbt.core.resource.DbtCliResource._cli_version": "e72eb773b277",
        "dagster_dbt.core.resource.DbtCliResource._initialize_dbt_core_adapter": "a52f9ebe765a",
    },
    "runs.py": {
        "dagster._core.execution.api.execute_run_iterator": "6d4ef30b1239",
        "dagster._core.definitions.job_base.InMemoryJob": "42374787be41",
        "dagster._core.remote_origin.RemoteRepositoryOrigin": "c6eea1621df4",
        "dagster._core.workspace.load.location_origins_from_yaml_paths": "8cff8e9d2022",
        "dagster._core.instance.DagsterInstance.create_run_for_job": "68396b60af69",
    },
}
"""File of orchestration/internals -> the originals it depends on -> the digest of their source."""

PATCHED = {"dbt.parser.manifest.ManifestLoader.build_manifest_state_check": "600dfc60e793"}
"""What the plugin dbt_tradewind patches -> the digest of its source."""

REPLACED = {
    "clickhouse__get_table_columns_and_constraints": (
        "default__get_table_columns_and_constraints",
        "fb6c2171a713",
    ),
    "clickhouse__get_assert_columns_equivalent": (
        "clickhouse__get_assert_columns_equivalent",
        "68267bad1ab3",
    ),
    "spark__get_assert_columns_equivalent": ("default__get_assert_columns_equivalent", "9ee3a88bb0b4"),
    "clickhouse__insert_into": ("clickhouse__insert_into", "3ea3fd0390d3"),
    "spark__get_merge_sql": ("spark__get_merge_sql", "fba0e261df9d"),
    "clickhouse__persist_docs": ("clickhouse__persist_docs", "4f58d0142d44"),
    "spark__persist_docs": ("spark__persist_docs", "37227cb5060a"),
    "should_full_refresh": ("should_full_refresh", "0beb7387fa96"),
    "materialization_table_clickhouse": ("materialization_table_clickhouse", "6aac56a3e5ef"),
    "materialization_incremental_clickhouse": ("materialization_incremental_clickhouse", "3eefffb71a00"),
    "materialization_seed_clickhouse": ("materialization_seed_default", "8219ad69633c"),
    "materialization_table_spark": ("materialization_table_spark", "22494e9bc568"),
    "materialization_incremental_spark": ("materialization_incremental_spark", "1d0a72d537ab"),
    "materialization_seed_spark": ("materialization_seed_default", "8219ad69633c"),
}
"""Our macro -> the adapter's or dbt's macro that would run without it -> the digest of its text."""

MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)
MATERIALIZATION = re.compile(
    r"\{%-?\s*materialization\s+(\w+),\s*(?:adapter\s*=\s*')?(\w+).*?\{%-?\s*endmaterialization\s*-?%\}",
    re.DOTALL,
)


def digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def original(path: str) -> object:
    """The object of a dotted path, of which any part may be a module or an attribute."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        if find_module(".".join(parts[:count])):
            found: object = import_module(".".join(parts[:count]))
            for name in parts[count:]:
                found = inspect.getattr_static(found, name)
            return found
    raise ModuleNotFoundError(path)


def find_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def source(found: object) -> str:
    for wrapper in ("func", "fget", "__func__", "__wrapped__"):
        found = getattr(found, wrapper, found)
    return inspect.getsource(found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "name", "known"),
    [(place, name, known) for place, names in PRIVATE.items() for name, known in names.items()],
)
def test_a_private_name_is_as_it_was_when_it_was_used(place: str, name: str, known: str) -> None:
    package = name.partition(".")[0].replace("_", "-")
    check(name, known, f"{package} {metadata.version(package)}: {name}, which {INTERNALS}/{place} depends on")


@pytest.mark.parametrize(("name", "known"), PATCHED.items())
def test_what_is_patched_is_as_it_was(name: str, known: str) -> None:
    check(name, known, f"dbt-core {metadata.version('dbt-core')}: {name}, which dbt_tradewind patches")


def check(name: str, known: str, where: str) -> None:
    try:
        found = original(name)
    except (ModuleNotFoundError, AttributeError):
        pytest.fail(f"{where}, does not exist any more; see decision 50")
    assert digest(source(found)) == known, f"{where}, has changed; see decision 50, then note its new digest"


def adapter_macros() -> dict[str, str]:
    """The text of every macro of dbt and its adapters by name."""
    spec = find_spec("dbt.include.global_project")
    assert spec is not None and spec.origin is not None
    include = Path(spec.origin).parents[1]
    files = [
        path
        for name in ("global_project", "clickhouse", "spark")
        for path in include.glob(f"{name}/**/*.sql")
    ]
    return {name: text for path in files for name, text in macros_in(path.read_text()).items()}


def macros_in(text: str) -> dict[str, str]:
    """The text of every macro and materialization of a file, by the name that dbt gives it."""
    macros = {match[1]: match[0] for match in MACRO.finditer(text)}
    found = MATERIALIZATION.finditer(text)
    return macros | {f"materialization_{match[1]}_{match[2]}": match[0] for match in found}


@pytest.mark.parametrize(("ours", "replaced"), REPLACED.items())
def test_a_replaced_macro_is_as_it_was_when_it_was_replaced(ours: str, replaced: tuple[str, str]) -> None:
    name, known = replaced
    where = f"{name}, which {ours} in macros/{OVERRIDES.name} replaces"
    text = adapter_macros().get(name)
    assert text is not None, f"{where}, does not exist any more; see decision 50"
    assert digest(text) == known, f"{where}, has changed; see decision 50, then note its new digest"


def project_macros(path: Path) -> set[str]:
    return set(macros_in(path.read_text()))


def without_engine(name: str) -> str:
    return re.sub(r"^(default|clickhouse|spark)__|_(default|clickhouse|spark)$", "", name)


def test_only_one_file_replaces_macros_of_adapters() -> None:
    theirs = {without_engine(name) for name in adapter_macros()}
    for path in (PROJECT_ROOT / "macros").rglob("*.sql"):
        replacing = {
            name
            for name in project_macros(path) - {"generate_schema_name"}  # made to be replaced
            if without_engine(name) in theirs
        }
        assert replacing == (set(REPLACED) if path == OVERRIDES else set()), path.name


def private_uses(tree: ast.AST) -> Iterator[str]:
    """Names of the libraries that begin with an underscore: imported, or overridden in a subclass."""
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            imported |= {alias.asname or alias.name for alias in node.names}
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (path for path in paths if "._" in path)
        if isinstance(node, ast.Import):
            yield from (
                alias.name
                for alias in node.names
                if alias.name.split(".")[0] in LIBRARIES and "._" in alias.name
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and imported & {
            base.id for base in node.bases if isinstance(base, ast.Name)
        }:
            yield from (
                f"{node.name}.{item.name}"
                for item in node.body
                if isinstance(item, ast.FunctionDef) and re.match(r"_(?!_)", item.name)
            )


def test_only_one_folder_uses_private_names() -> None:
    files = [path for package in PACKAGES for path in (PROJECT_ROOT / package).rglob("*.py")]
    uses = {
        str(path.relative_to(PROJECT_ROOT)): found
        for path in files
        if (found := list(private_uses(ast.parse(path.read_text()))))
    }
    assert sorted(uses) == [f"{INTERNALS}/{name}" for name in sorted(PRIVATE)]


def test_no_service_is_started_by_a_private_name() -> None:
    text = (PROJECT_ROOT / "application" / "services.py").read_text()
    assert "dagster._" not in text
