"""The jars of Kafka, Connect and its plugins: fetched once by Maven, every one checked by its SHA-256.

    python -m connectors.kafka.jars                 # fetch what is missing; prints the folder
    python -m connectors.kafka.jars --lock          # after a change of maven/*.xml: write checksums.txt anew

They are kept in the cache folder (`TRADEWIND_CACHE`, else `$XDG_CACHE_HOME/tradewind`, else
`~/.cache/tradewind`), in `kafka/<digest of the checksums>/`, so that two versions of the product never share
a jar: Kafka itself in `kafka/`, every plugin in `plugins/<set>/`. A set is complete or absent.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from connectors.kafka.errors import KafkaError
from tradewind.lakehouse.jars import cache_folder
from tradewind.source.mysql import is_mysql

MAVEN = Path(__file__).parent / "maven"
CHECKSUMS = MAVEN / "checksums.txt"
BROKER = "kafka"
"""The broker and the Connect worker itself; every other set is a plugin."""

FETCH_SECONDS = 1800

# Connect brings these itself; a second copy in a plugin's folder breaks its logging and its converters.
_CONNECTS_OWN = ("connect-api-", "connect-json-", "connect-runtime-", "kafka-clients-", "slf4j-api-")


def sets() -> list[str]:
    """The names of the sets."""
    return sorted(path.stem for path in MAVEN.glob("*.xml"))


def folder() -> Path:
    """The folder of this version's sets."""
    digest = hashlib.sha256(CHECKSUMS.read_bytes()).hexdigest()[:12]
    return cache_folder() / "kafka" / digest


def plugin_for(source_url: str) -> str:
    """The set that captures a source; of the MySQL family the stack starts MariaDB alone."""
    return "debezium-mariadb" if is_mysql(source_url) else "debezium-postgres"


def location(name: str) -> Path:
    """Where a set is kept; `plugins` is what Connect searches."""
    return folder() / name if name == BROKER else folder() / "plugins" / name


def require(names: Iterable[str]) -> Path:
    """The folder that holds these sets; KafkaError with the way to get them. Never touches the network."""
    missing = [name for name in names if not location(name).is_dir()]
    if missing:
        raise KafkaError(
            f"the jars of {', '.join(missing)} are not in {folder()}; "
            "fetch them with `python -m connectors.kafka.jars` (it needs Maven)"
        )
    return folder()


def fetch(names: Iterable[str] | None = None) -> Path:
    """The folder with these sets (all of them by default), fetched where they are missing."""
    for name in names or sets():
        target = location(name)
        if target.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as scratch:
            downloaded = _download(name, Path(scratch) / name)
            _verify(name, downloaded)
            _move(downloaded, target)
    return folder()


def lock() -> None:
    """Fetch every set anew and write down what came."""
    with tempfile.TemporaryDirectory() as scratch:
        lines = [
            f"{digest}  {name}/{file}\n"
            for name in sets()
            for file, digest in _digests(_download(name, Path(scratch) / name)).items()
        ]
    CHECKSUMS.write_text("".join(lines))


def _download(name: str, target: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaError(
            f"Maven (mvn) is not installed, and the jars of {name} have not been fetched yet; "
            "install the package maven"
        )
    command = [maven, "--quiet", "--batch-mode", "--file", str(MAVEN / f"{name}.xml")]
    command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise KafkaError(f"Maven did not bring the jars of {name} within {FETCH_SECONDS} s") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        raise KafkaError(f"Maven could not fetch the jars of {name}:\n" + "\n".join(lines[:5]))
    if name != BROKER:
        for jar in target.glob("*.jar"):
            if jar.name.startswith(_CONNECTS_OWN):
                jar.unlink()
    return target


def _verify(name: str, downloaded: Path) -> None:
    """KafkaError unless the folder holds exactly the jars that are locked."""
    locked, found = _locked(name), _digests(downloaded)
    if locked == found:
        return
    wrong = sorted(file for file in locked | found if locked.get(file) != found.get(file))
    raise KafkaError(
        f"the jars of {name} differ from {CHECKSUMS.name}: {', '.join(wrong)}; "
        "nothing was kept. If the change is wanted, run `python -m connectors.kafka.jars --lock`"
    )


def _locked(name: str) -> dict[str, str]:
    lines = (line.split("  ", 1) for line in CHECKSUMS.read_text().splitlines())
    return {file.removeprefix(f"{name}/"): digest for digest, file in lines if file.startswith(f"{name}/")}


def _digests(jars: Path) -> dict[str, str]:
    """File name -> SHA-256."""
    return {path.name: _digest(path) for path in sorted(jars.iterdir())}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move(downloaded: Path, target: Path) -> None:
    """Put the set in its place; another process may have been quicker with the same one."""
    try:
        downloaded.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def main() -> int:
    """Fetch all sets, or those named, and print where they are."""
    parser = argparse.ArgumentParser(prog="python -m connectors.kafka.jars", description=__doc__)
    parser.add_argument("--lock", action="store_true", help="write checksums.txt anew")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(sets())}")
    arguments = parser.parse_args()
    if unknown := set(arguments.sets) - set(sets()):
        parser.error(f"there is no set {', '.join(sorted(unknown))}; there are {', '.join(sets())}")
    try:
        if arguments.lock:
            lock()
        sys.stdout.write(f"{fetch(arguments.sets or None)}\n")
    except KafkaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
