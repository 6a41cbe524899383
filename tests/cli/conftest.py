"""The command line as a person meets it, and the 3×3 grid everyone knows by heart as files."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builders.sharing import made_once
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


ACCOUNTS = "\n".join(
    [
        "account_id,name,latitude,longitude,potential",
        *(f"A{n},Company {n},{43 - (n - 1) // 3},{-95 + (n - 1) % 3},1" for n in range(1, 10)),
        "",
    ]
)


@pytest.fixture
def grid(tmp_path) -> Path:
    """Nine accounts, one unit of potential each, on a grid one degree wide, and a plan for three seats."""
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path / "plan.yaml"


PEOPLE = """\
person_id,name,email,role,manager_id,latitude,longitude
MIA,Mia Manager,mia@example.com,manager,,42,-94
ANN,Ann Archer,ann@example.com,rep,MIA,43,-95
BOB,Bob Baker,bob@example.com,rep,MIA,42,-94
CYD,Cyd Cole,cyd@example.com,rep,MIA,41,-93
DEE,Dee Dunn,dee@example.com,rep,MIA,42,-95
"""
OPPORTUNITIES = """\
opportunity_id,account_id,name,stage,amount_usd,owner,created_on
O1,A1,Big deal,Negotiation,90000,ANN,2026-01-05
O2,A5,Small deal,Discovery,4000,BOB,2026-01-06
"""
RECORDED_PLAN = """\
plan: Grid
accounts: accounts.csv
people: people.csv
effective: 2026-02-01
measures:
  potential: {from: potential, tolerance: 30%}
layers:
  - named: named.csv
  - carve: {name: Field, people: "role = 'rep' AND name != 'Dee Dunn'", seats: from people, balance: [potential]}
"""
BEGINNING = """\
init --admin-name Ada --admin-email ada@example.com
import accounts accounts.csv
import people people.csv --employed-from 2026-01-01
import opportunities opportunities.csv
user grant MIA manager
user grant CYD planner
user grant ANN rep
plan start grid.yaml
plan carve Grid --seconds 1
plan clone Grid Other
plan submit Grid
approve Grid --as MIA
approve Grid --as CYD
publish Grid
"""
NAMED = "account_id,territory,person_id\nA1,North,ANN\nA5,Middle,BOB\nA9,South,CYD\n"


@pytest.fixture
def market(tmp_path) -> Path:
    """A folder with the nine accounts, five people, two opportunities and a plan of them."""
    return a_market(tmp_path)


def a_market(folder: Path) -> Path:
    """The files a record begins with."""
    (folder / "accounts.csv").write_text(ACCOUNTS)
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "opportunities.csv").write_text(OPPORTUNITIES)
    (folder / "grid.yaml").write_text(RECORDED_PLAN)
    (folder / "named.csv").write_text(NAMED)
    return folder


@pytest.fixture(scope="session")
def _published(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "published", publish_the_grid)


def publish_the_grid(folder: Path) -> None:
    """The market's files and a record begun from them, in a new folder."""
    folder.mkdir()
    a_market(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATCHBOOK_DATA", str(folder / "data"))
        patched.chdir(folder)
        for line in BEGINNING.splitlines():
            patched.setattr(sys, "argv", ["patchbook", *shlex.split(line)])
            with pytest.raises(SystemExit) as left:
                main()
            assert not left.value.code, line


@pytest.fixture
def published(_published, tmp_path, monkeypatch) -> Path:
    """A folder with the market's files and a record in which the plan Grid holds since February 2026."""
    folder = Path(shutil.copytree(_published, tmp_path / "published"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATCHBOOK_DATA", str(folder / "data"))
    monkeypatch.delenv("PATCHBOOK_AS", raising=False)
    monkeypatch.delenv("PATCHBOOK_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def at_home(monkeypatch, tmp_path) -> Path:
    """A folder without a record, where the command line looks for one."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PATCHBOOK_DATA", str(folder))
    monkeypatch.delenv("PATCHBOOK_AS", raising=False)
    monkeypatch.delenv("PATCHBOOK_DATABASE_URL", raising=False)
    return folder
