"""The one jar that is not in a wheel: Iceberg's runtime for Spark, pinned by its hash.

`python -m tradewind.lakehouse.jars` fetches it into the cache folder (`TRADEWIND_CACHE`, else
`$XDG_CACHE_HOME/tradewind`, else `~/.cache/tradewind`) and prints its path; a second run fetches nothing.
Ivy, which comes with Spark, resolves it; if that fails and Maven is installed, Maven does, which knows the
machine's mirrors and proxies.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tradewind.lakehouse import java
from tradewind.lakehouse.errors import LakehouseError

FETCH_SECONDS = 300


@dataclass(frozen=True)
class Jar:
    """A jar by its Maven coordinates and the SHA-256 of its bytes."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The file name that every resolver uses."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinates(self) -> str:
        """`group:artifact:version`, as Maven writes it."""
        return f"{self.group}:{self.artifact}:{self.version}"

    def is_in(self, path: Path) -> bool:
        """Whether `path` holds exactly this jar."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


ICEBERG = Jar(
    group="org.apache.iceberg",
    artifact="iceberg-spark-runtime-4.1_2.13",
    version="1.12.0",
    sha256="3123c3798af642dd537230923548e013ef41cc28b6626e5225808cf5670a0f82",
)


def cache_folder() -> Path:
    """Where fetched files are kept across homes and clones."""
    if chosen := os.environ.get("TRADEWIND_CACHE"):
        return Path(chosen).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser().resolve() / "tradewind"


def location(jar: Jar = ICEBERG) -> Path:
    """Where the jar is in the cache, or would be."""
    return cache_folder() / "jars" / jar.file_name


def cached(jar: Jar = ICEBERG) -> Path | None:
    """The jar in the cache; None if it is missing or has another hash."""
    path = location(jar)
    return path if jar.is_in(path) else None


def require(jar: Jar = ICEBERG) -> Path:
    """The jar in the cache; LakehouseError says how to get it. Never uses the network."""
    path = cached(jar)
    if path is None:
        raise LakehouseError(
            f"{jar.file_name} is not in {cache_folder() / 'jars'}; "
            "fetch it with `python -m tradewind.lakehouse.jars`, or put a copy there"
        )
    return path


def fetch(jar: Jar = ICEBERG) -> Path:
    """The jar in the cache, fetched if it is missing; LakehouseError if no resolver can fetch it."""
    if path := cached(jar):
        return path
    folder = cache_folder() / "jars"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        downloaded = _first_fetched(jar, Path(scratch))
        return downloaded.replace(folder / jar.file_name)


def _first_fetched(jar: Jar, scratch: Path) -> Path:
    failures = []
    for name, command in _resolvers(jar, scratch):
        problem = _run(command, scratch)
        if jar.is_in(scratch / jar.file_name):
            return scratch / jar.file_name
        failures.append(f"{name}: {problem or 'fetched a file with another hash than ' + jar.sha256}")
    raise LakehouseError(
        f"could not fetch {jar.coordinates}; put the jar into {cache_folder() / 'jars'} by hand, or fix:\n"
        + "\n".join(failures)
    )


def _resolvers(jar: Jar, scratch: Path) -> Iterator[tuple[str, list[str]]]:
    """Name and command of each resolver this machine has, best first; each writes `scratch/<file name>`."""
    available: list[tuple[str, Callable[[Jar, Path], list[str] | None]]] = [("Ivy", _ivy), ("Maven", _maven)]
    for name, make in available:
        if command := make(jar, scratch):
            yield name, command


def _ivy(jar: Jar, scratch: Path) -> list[str] | None:
    found = sorted((spark_folder() / "jars").glob("ivy-*.jar"))
    if not found:
        return None
    return [
        str(java.runtime() / "bin" / "java"),
        *java.trust_options(),
        *("-jar", str(found[0])),
        *("-cache", str(scratch / "ivy")),
        *("-dependency", jar.group, jar.artifact, jar.version),
        *("-notransitive", "-types", "jar"),
        *("-retrieve", str(scratch / "[artifact]-[revision].[ext]")),
    ]


def _maven(jar: Jar, scratch: Path) -> list[str] | None:
    maven = shutil.which("mvn")
    if maven is None:
        return None
    goal = ["dependency:copy", f"-Dartifact={jar.coordinates}", f"-DoutputDirectory={scratch}"]
    return [maven, "--quiet", "--batch-mode", *goal]


def spark_folder() -> Path:
    """Spark's folder in its wheel; LakehouseError if it is not installed."""
    try:
        import pyspark
    except ImportError as error:
        raise LakehouseError(
            "pyspark is not installed; `make setup-dev`, or `pip install tradewind[lakehouse]`"
        ) from error
    return Path(pyspark.__file__).parent


def _run(command: list[str], folder: Path) -> str:
    """Run a resolver; its last lines of output if it failed, else an empty string."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return "\n  ".join(lines[-8:]) or f"exit code {done.returncode}"


def main() -> int:
    """Fetch the jar and print where it is."""
    try:
        sys.stdout.write(f"{fetch()}\n")
    except LakehouseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
