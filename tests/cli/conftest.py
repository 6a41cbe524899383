"""The command line as a person meets it, and the 3×3 grid everyone knows by heart as files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from patchbook.cli import main

PLAN = """\
plan: Grid
accounts: accounts.csv
measures:
  potential: {from: potential, tolerance: 30%}
layers:
  - carve: {name: Field, seats: 3, balance: [potential]}
"""


@pytest.fixture
def patchbook_says(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line and gives back the exit code, what it prints and what it complains of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["patchbook", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed, complained = capsys.readouterr()
        return int(left.value.code or 0), printed, complained

    return run


@pytest.fixture
def grid(tmp_path) -> Path:
    """Nine accounts, one unit of potential each, on a grid one degree wide, and a plan for three seats."""
    rows = [f"A{n},Company {n},{43 - (n - 1) // 3},{-95 + (n - 1) % 3},1" for n in range(1, 10)]
    (tmp_path / "accounts.csv").write_text("\n".join(["account_id,name,latitude,longitude,potential", *rows, ""]))
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path / "plan.yaml"
