"""How instances went, one by one, by set, and over all seeds: what the league prints."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import fmean

AT_BEST = 5e-7
"""A gap below this is none: the best known values are rounded to two decimals."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one instance went with one seed, as the referee sees it."""

    instance: str
    solver: str
    seed: int
    objective: float | None
    best_known: float | None
    feasible: bool
    seconds: float

    @property
    def gap(self) -> float | None:
        """How far the objective is above the best known value, as a fraction; negative for a better one."""
        if self.objective is None or not self.best_known:
            return None
        return self.objective / self.best_known - 1

    def as_json(self) -> dict[str, object]:
        """The score for a program."""
        return {
            "instance": self.instance,
            "seed": self.seed,
            "objective": self.objective,
            "best_known": self.best_known,
            "gap": self.gap,
            "feasible": self.feasible,
            "seconds": round(self.seconds, 3),
        }


HEADING = f"{'instance':<16}{'seed':>5}{'objective':>14}{'best known':>14}{'gap %':>9}  {'feasible':<9}{'seconds':>8}"


def line(score: Score) -> str:
    """One row of the table."""
    name = score.instance if score.solver == "patchbook" else f"  {score.solver}"
    objective = "none" if score.objective is None else f"{score.objective:.2f}"
    known = "" if score.best_known is None else f"{score.best_known:.2f}"
    gap = "" if score.gap is None else f"{100 * score.gap:.3f}"
    feasible = "yes" if score.feasible else "NO"
    return f"{name:<16}{score.seed:>5}{objective:>14}{known:>14}{gap:>9}  {feasible:<9}{score.seconds:>8.2f}"


def summary(scores: Sequence[Score]) -> str:
    """A line for each set of instances, the first letters of their names, and one for all."""
    sets: dict[str, list[Score]] = {}
    for score in scores:
        sets.setdefault(_set_of(score.instance), []).append(score)
    rows = [f"{name}: {_means(members)}" for name, members in sets.items()] if len(sets) > 1 else []
    return "\n".join([*rows, f"{_means(scores)}; {os.cpu_count()} cores, one used"])


def _set_of(instance: str) -> str:
    """The name up to its underscore, or its letters: cpmp, SJC, lin318, fnl4461, p3038."""
    if "_" in instance:
        return instance.split("_")[0]
    return "".join(takewhile(str.isalpha, instance)) or instance


def _means(scores: Sequence[Score]) -> str:
    instances = {score.instance for score in scores}
    seeds = {score.seed for score in scores}
    runs = f"{len(instances)} instances"
    if len(seeds) > 1:
        runs += f" × {len(seeds)} seeds"
    told = f"{runs}, {sum(score.feasible for score in scores)} feasible"
    gaps = [score.gap for score in scores if score.gap is not None]
    if gaps:
        at_best = sum(gap < AT_BEST for gap in gaps)
        told += f", mean gap {100 * fmean(gaps):.3f} %, largest {100 * max(gaps):.3f} %, {at_best} at the best known"
    return told
