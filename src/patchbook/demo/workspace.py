"""The demo workspace: a record in which a company has planned for a year, as it stands at an instant."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from patchbook.db.record import create_record
from patchbook.demo import inbound, today, year
from patchbook.demo.generate import write_demo
from patchbook.demo.scene import ADMIN, FINANCE, PLANNER, VIEWER, Scene
from patchbook.demo.staff import bring_in
from patchbook.errors import Conflict
from patchbook.period import instant

RECORD = "record"
"""The folder of the record, inside the demo's."""

TOLD = "demo.json"
"""The file in the record's folder that says it is the demo's; empty until the workspace is finished."""


class NotTheDemos(Conflict):
    """There is a folder where the demo's record would be, and it is not the demo's."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """What there is to open: the record, and who to open it as."""

    record: Path
    seed: int
    at: datetime
    planner: str = PLANNER
    admin: str = ADMIN
    manager: str = "M01"
    rep: str = "P108"
    viewer: str = VIEWER
    finance: str = FINANCE

    @property
    def people(self) -> dict[str, str]:
        """Role → who has it."""
        return {name: getattr(self, name) for name in ("planner", "admin", "manager", "rep", "viewer", "finance")}


def build(
    folder: Path | str,
    *,
    seed: int = 1,
    at: datetime,
    seconds: float | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Workspace:
    """
    Make the workspace in a folder, through the actions a team would have used.

    The same seed and instant make the same company; only the ids the record draws differ.

    Parameters
    ----------
    folder
        Gets `data`, the demo's files, and `record`, which takes the place of a record the demo made there before.
    at
        Now: everything in the record happened before it, or is planned for after it.
    seconds
        Longest time for each carve layer, instead of the plans'.
    say
        Told each part before it is made.

    Raises
    ------
    NotTheDemos
        The folder has a `record` that the demo did not make; nothing is touched.
    """
    folder = Path(folder)
    if not (folder / "data" / "ABOUT.md").exists():
        write_demo(folder / "data", seed=seed)
    _clear(folder / RECORD)
    record = create_record(folder / RECORD)
    (folder / RECORD / TOLD).touch()
    scene = Scene(record=record, data=folder / "data", seed=seed, at=at, seconds=seconds)
    try:
        say("Importing companies, people and deals …")
        with record.writing() as tx:
            bring_in(scene, tx)
        say("Publishing last year's plan …")
        year.last_year(scene)
        say("Carving and publishing this year's …")
        year.this_year(scene)
        say("Drafting, and changing who works where …")
        today.before(scene)
        say("Routing leads …")
        inbound.route(scene)
        say("Proposing and asking …")
        today.lately(scene)
    finally:
        record.close()
    made = Workspace(record=folder / RECORD, seed=seed, at=at)
    told = {**asdict(made), "record": RECORD, "at": at.isoformat()}
    (made.record / TOLD).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return made


def found(folder: Path | str) -> Workspace | None:
    """The workspace in a folder, or None where none was finished there."""
    try:
        told = json.loads((Path(folder) / RECORD / TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Workspace(**{**told, "record": Path(folder) / RECORD, "at": instant(told["at"])})


def _clear(folder: Path) -> None:
    """Remove a record that the demo made, and nothing else."""
    if not folder.exists():
        return
    if not (folder / TOLD).is_file():
        raise NotTheDemos(f"{folder} was not made by the demo, so it stays; name another folder with --out.")
    shutil.rmtree(folder)
