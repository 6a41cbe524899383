"""Runs the blocks of the documentation: `python tools/blocks.py [PAGE…]` puts in what the commands print today.

Blocks marked `python` are run, those of one page building on each other. In blocks marked `console` each line that
begins with `$ ` is run, and the lines below it are what it prints; a line of three dots stands for the rest, and a
command with nothing below it may print what it likes. All happens in a folder that holds the demo's data.
`tests/test_docs.py` runs every page the same way and compares.

A carve repeats to the last figure on one machine. Another processor may round the last digit of a sum differently, and
the search then goes another way to an answer as good; so the figures of a carve are not compared, only the words around
them. Nor are ids and moments of the record, which are others at each run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"^\$ (.*(?:(?<=\\)\n.*)*)\n((?:(?!\$ ).*\n)*)", re.M)
TOOLS = ("patchbook", "head", "cat", "ls", "printf", "wc")
"""What a console block may call."""

FIGURES_DIFFER = (
    *("patchbook carve", "patchbook compare", "patchbook demo", "patchbook score", "patchbook study "),
    *(
        "patchbook plan ",
        "patchbook propose ",
        "patchbook publish ",
        "patchbook backup ",
        "patchbook replay ",
        "patchbook speed",
    ),
)
"""Commands whose figures may be others on another processor."""

WORDS_DIFFER = ("patchbook why",)
"""Commands whose every word depends on the carve."""

MADE_ANEW = re.compile(r"(?<=-)[0-9a-f]{16}\b|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?(\+00:00)?)?")
"""Ids the record draws by chance, and moments: others at each run."""

FOR_A_SHELL = re.compile(r"[$|<>&;*\n]")
"""What a shell makes something of; commands with any of it are left to one."""

CUT = "..."
"""The line that stands for the rest of an output."""


class BlockFailed(Exception):
    """A block of a page does not run; the message says which and what it complained of."""


def main() -> int:
    """Rewrite the pages named on the command line, or all of them, with today's outputs."""
    from patchbook.demo.generate import write_demo

    for page in [Path(name) for name in sys.argv[1:]] or pages():
        text = page.read_text(encoding="utf-8")
        if not BLOCK.search(text):
            continue
        with tempfile.TemporaryDirectory() as folder:
            write_demo(Path(folder), seed=1)
            page.write_text(rerun(text, Path(folder)), encoding="utf-8")
        print(f"{page}: outputs as of today")
    return 0


def pages() -> list[Path]:
    """Every page a reader may open."""
    written = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *written]


def rerun(text: str, folder: Path) -> str:
    """The page with the outputs its commands have in this folder."""
    python = ""
    patchbook = Patchbook(folder)

    def run_block(block: re.Match[str]) -> str:
        nonlocal python
        language, code = block.groups()
        if language == "python":
            python += code
            run([sys.executable, "-c", python], folder)
            return block[0]
        return f"```console\n{COMMAND.sub(lambda command: run_command(command, folder, patchbook), code)}```"

    try:
        return BLOCK.sub(run_block, text)
    finally:
        patchbook.close()


def run_command(command: re.Match[str], folder: Path, patchbook: Patchbook) -> str:
    """One command of a console block with what it prints, as much of it as the page shows."""
    line, shown = command.groups()
    if line.split()[0] not in TOOLS:
        raise BlockFailed(f"`{line}` is not something a console block runs; it may call {', '.join(TOOLS)}.")
    is_plain = line.startswith("patchbook ") and not FOR_A_SHELL.search(line)
    printed = tidy(patchbook.run(line) if is_plain else run(["bash", "-c", line], folder))
    if not shown.strip():
        return command[0]
    if CUT in shown.splitlines():
        printed = [*printed[: shown.splitlines().index(CUT)], CUT]
    return "\n".join([f"$ {line}", *printed, ""])


def run(command: list[str], folder: Path) -> str:
    """What a command prints; it must not fail."""
    done = subprocess.run(command, cwd=folder, env=settings(), capture_output=True, text=True)
    if done.returncode != 0:
        raise BlockFailed(f"`{command[-1].strip()}` exits with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def settings() -> dict[str, str]:
    """The environment of every command: the tools of this Python first, and a plain terminal of 100 columns."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


class Patchbook:
    """Runs the commands of one page in one process, since most of the time of a command goes into beginning."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, line: str) -> str:
        """What a command prints; it must not fail."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", ONE_AFTER_THE_OTHER], cwd=self._folder, env=settings(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(json.dumps(shlex.split(line)) + "\n")
        asked.flush()
        code, printed, complained = json.loads(answered.readline() or '["a crash", "", ""]')
        if code:
            raise BlockFailed(f"`{line}` exits with {code}: {complained.strip()}")
        return str(printed)

    def close(self) -> None:
        """Let the process end."""
        if self._process is not None:
            self._process.communicate()


ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from patchbook.cli import main

answers = sys.stdout
for line in sys.stdin:
    sys.argv, code = json.loads(line), 0
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
    print(json.dumps([code, out.getvalue(), err.getvalue()]), file=answers, flush=True)
"""


def tidy(printed: str) -> list[str]:
    """The lines of an output without blanks at their ends, and without empty ones around."""
    return [line.rstrip() for line in printed.strip("\n").splitlines()]


def settled(text: str) -> str:
    """The page without what may differ from run to run or from processor to processor."""

    def settle(block: re.Match[str]) -> str:
        if block[1] == "python":
            return block[0]
        return COMMAND.sub(settle_command, block[0])

    return BLOCK.sub(settle, text)


def settle_command(command: re.Match[str]) -> str:
    """One command and its output, without figures or words that are not promised."""
    line, shown = command[1], MADE_ANEW.sub("#", command[2])
    if line.startswith(WORDS_DIFFER):
        shown = "\n" if shown.strip() else ""
    elif line.startswith(FIGURES_DIFFER):
        shown = re.sub(r" +", " ", re.sub(r"\d[\d,.]*", "#", shown))
    return f"$ {line}\n" + re.sub(r"\b\d+(\.\d+)? s\b", "# s", shown)


if __name__ == "__main__":
    sys.exit(main())
