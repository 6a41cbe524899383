"""Ctrl-C while the record is written leaves it as it was, and says so."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

INTERRUPT = """
import signal, sys
from patchbook.cli import main

def interrupt(frame, event, _):
    if event == "call" and frame.f_code.co_name == "{where}" and "{room}" in frame.f_code.co_filename:
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

sys.setprofile(interrupt)
main()
"""


@pytest.mark.parametrize(
    ("room", "where", "line"),
    [
        ("audit", "record", "rollback Grid"),
        ("ledger", "lay", "depart ANN --on 2097-01-01 --replace-by DEE"),
        ("carving", "solve", "plan carve Other --seconds 1 --fresh"),
        ("imports", "_keep", "import accounts accounts.csv"),
    ],
)
def test_ctrl_c_leaves_the_record_as_it_was(patchbook_says, published, room, where, line):
    before = patchbook_says("audit", "trail", "--json")[1], patchbook_says("history", "A1", "--json")[1]

    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT.format(room=room, where=where), *line.split()], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "Interrupted; nothing was half-written.\n")
    assert (patchbook_says("audit", "trail", "--json")[1], patchbook_says("history", "A1", "--json")[1]) == before
    assert patchbook_says("audit", "verify")[0] == 0
