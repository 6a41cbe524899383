"""The house itself: no file too long, no text that names a machine, one version, the whole licence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import patchbook

ROOT = Path(__file__).parent.parent
LONGEST = 500

FOLDERS = ("src", "tests", "docs", "benchmarks", "tools", ".ci")
MADE = {"__pycache__", "_build", ".hypothesis", "vendor"}
FILES = [path for path in ROOT.glob("*") if path.is_file() and path.name != ".git"] + [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and not MADE.intersection(path.parts)
]
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
    for path in FILES
    if b"\0" not in path.read_bytes()
}

# Written in halves, so that this file is no hit itself.
FORBIDDEN = {
    "the host of a package registry": r"(?:files\.)?python" + r"hosted\.org|py" + r"pi\.org|registry\.npm" + r"js\.org",
    "a path of one machine": r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/\w+)/|(?<![\w./])/tm" + r"p/\w",
}


def test_no_file_of_code_is_too_long_to_hold_in_the_head():
    lines = {name: text.count("\n") for name, text in TEXTS.items() if name.endswith((".py", ".js", ".css", ".html"))}

    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_text_names_a_machine(what):
    found = {name: hit[0] for name, text in TEXTS.items() if (hit := re.search(FORBIDDEN[what], text))}

    assert found == {}, f"{what} stands in {', '.join(found)}"


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == patchbook.__version__
    assert f"## [{patchbook.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_licence_is_there_in_full():
    licence = (ROOT / "LICENSE").read_text()

    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert [heading for heading in range(1, 10) if not re.search(rf"^   {heading}\. \w", licence, re.M)] == []


def test_every_set_of_shipped_data_says_where_it_comes_from():
    folders = {path.parent for path in FILES if path.parent.name == "data" and "src" in path.parts}

    assert {folder for folder in folders if not (folder / "SOURCE.md").exists()} == set()


def test_nothing_is_left_to_be_written():
    assert [name for name, text in TEXTS.items() if text.startswith('"""To be ' + 'written."""')] == []
