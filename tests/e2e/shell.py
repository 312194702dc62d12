"""The commands of a page, and one shell into which a test types them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tradewind.settings import PROJECT_ROOT

LOOPBACK_ONLY = 'ip link set lo up && exec "$@"'
EXIT_CODE = "=== the exit code is"
COMMAND = re.compile(r"(?:(?:make|git|psql|curl|eval|tradewind) |\.venv/bin/).*")


def commands(page: str) -> list[str]:
    """Every command of a page, without comments: the lines of its shell blocks, the code in its tables."""
    found: list[str] = []
    inside = False
    for line in page.splitlines():
        if line.startswith("```"):
            inside = line == "```sh"
        elif inside or line.startswith("|"):
            found += [line] if inside else re.findall(r"`([^`]+)`", line)
    return [re.split(r"\s{2,}#", text)[0].strip() for text in found if COMMAND.match(text)]


def network_of_its_own() -> tuple[list[str], str]:
    """The words before a command that leave it only the loopback interface, the same user; or why not."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return [], "the programs unshare (util-linux) and ip (iproute2) are needed"
    words = ["unshare", "--net", "sh", "-c", LOOPBACK_ONLY, "sh"]
    if os.geteuid() != 0:
        back = ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
        words = [words[0], "--user", "--map-root-user", *words[1:], *back]
    probe = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
    return ([], probe.stderr.strip()) if probe.returncode else (words, "")


class Shell:
    """A bash in the repository's folder; what one command exports, the next ones see."""

    def __init__(self, words: list[str], environment: dict[str, str], errors: Path) -> None:
        self._errors = errors
        with errors.open("wb") as file:
            self._process = subprocess.Popen(
                [*words, "bash"],
                cwd=PROJECT_ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )

    def type(self, command: str) -> str:
        """Run one command to its end; its output. An exit code other than 0 raises, with its errors."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{{ {command}\n}} < /dev/null; printf '\\n{EXIT_CODE} %d\\n' $?\n")
        self._process.stdin.flush()
        output: list[str] = []
        for line in self._process.stdout:
            if line.startswith(EXIT_CODE):
                code = int(line.removeprefix(EXIT_CODE))
                assert code == 0, f"{command}: {''.join(output)}\n{self._errors.read_text()[-4000:]}"
                return "".join(output)[:-1]
            output.append(line)
        raise AssertionError(f"{command}: the shell ended\n{self._errors.read_text()[-4000:]}")

    def close(self) -> None:
        """End the shell."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
