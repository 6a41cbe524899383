"""Reading the public instances: `units medians`, then a line `x y capacity demand` for each unit."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import numpy as np

from patchbook.carving.problem import FloatArray
from patchbook.errors import BadInput, NotFound

SUFFIXES = (".txt", ".dat")


class BadInstance(BadInput):
    """A file that is not a capacitated p-median instance."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One capacitated p-median problem as its file tells it."""

    name: str
    medians: int
    positions: FloatArray
    capacities: FloatArray
    demands: FloatArray
    is_floored: bool
    """Distances are rounded down to whole numbers, as Osman and Christofides did for the OR-Library instances."""

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.demands)

    def distances(self) -> FloatArray:
        """(units, units) by the rule of the instance."""
        between = self.positions[:, None, :] - self.positions[None, :, :]
        straight = np.sqrt((between**2).sum(axis=2))
        # Exact whole distances (3-4-5 triangles) must not be floored to one less by rounding.
        return np.floor(straight + 1e-9) if self.is_floored else straight


def read_instance(path: Path) -> Instance:
    """The instance in a file. Names that begin with cpmp are OR-Library's, with distances rounded down."""
    try:
        numbers = [float(word) for word in path.read_text(encoding="utf-8").split()]
    except ValueError as error:
        raise BadInstance(
            f"{path} holds something that is not a number ({error}); it must hold numbers only."
        ) from None
    if len(numbers) < 2:
        raise BadInstance(f"{path} is empty; its first line must be the number of units and of medians.")
    units, medians = int(numbers[0]), int(numbers[1])
    if not 1 <= medians <= units or (units, medians) != tuple(numbers[:2]):
        raise BadInstance(
            f"{path} begins with {numbers[0]:g} {numbers[1]:g}; it must be the units and at most as many medians."
        )
    if len(numbers) != 2 + 4 * units:
        raise BadInstance(
            f"{path} holds {len(numbers) - 2} numbers after its first line; {units} units × (x y capacity demand) "
            f"make {4 * units}."
        )
    table = np.array(numbers[2:]).reshape(units, 4)
    return Instance(
        name=path.stem,
        medians=medians,
        positions=table[:, :2].copy(),
        capacities=table[:, 2].copy(),
        demands=table[:, 3].copy(),
        is_floored=path.stem.startswith("cpmp"),
    )


def find_instances(names: Iterable[str]) -> list[Path]:
    """The instance files meant by files, folders (searched below too) and patterns, in order of name."""
    paths: set[Path] = set()
    for name in names:
        path = Path(name)
        if path.is_dir():
            found = [each for suffix in SUFFIXES for each in path.rglob(f"*{suffix}")]
        elif path.is_file():
            found = [path]
        else:
            found = [Path(each) for each in glob(name, recursive=True)]
        if not found:
            raise NotFound(
                f"No instance is found at {name}; it must be a file, a folder or a pattern that matches some."
            )
        paths.update(found)
    return sorted(paths, key=lambda path: (path.stem, str(path)))


def read_best_known(path: Path) -> dict[str, float]:
    """Best known objective by instance, from a table with the columns instance and best_known."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        if not {"instance", "best_known"} <= set(rows.fieldnames or ()):
            raise BadInstance(f"{path} has the columns {rows.fieldnames}; instance and best_known are needed.")
        return {row["instance"]: float(row["best_known"]) for row in rows if row["best_known"]}


def best_known_beside(paths: Iterable[Path]) -> Path | None:
    """The table best_known.csv in a file's folder or the one above, where there is one."""
    for path in paths:
        for folder in (path.parent, path.parent.parent):
            if (folder / "best_known.csv").is_file():
                return folder / "best_known.csv"
    return None
