"""A draft carved with each of several settings, each from its neighbour; what came of each is kept beside the results.

Nothing of the plan changes by it. What was tried is found again for as long as the plan means the same apart from the
settings that are tried, and is pinned to the same accounts, people and owners; so taking one does not lose the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

import yaml
from sqlalchemy import Connection

from patchbook.accounts.csv_out import write_whole
from patchbook.db.record import record_of
from patchbook.errors import BadInput, NotFound
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import actions, documents, results, store
from patchbook.plans.frontier import AS_WRITTEN, Point, Traded, Tuning, changes, disruption_by, tuned, tuning_of
from patchbook.plans.job import Job, Kept, adopt_result, engine_version, prepare_carve
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.plan import CarveLayer, Plan
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.resetting import Path, reset
from patchbook.plans.result import Result
from patchbook.plans.scenario import moved_of, scenario_of
from patchbook.plans.state import parsed, state_of
from patchbook.plans.writing import dump

FOLDER = "frontiers"
LONGEST_SECONDS = 600.0
WANTED = 9
"""Carves that nothing beats."""


class NothingTried(NotFound):
    """No carve with that setting is kept for the plan as it is now."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """All that trying a plan's settings needs; it can run anywhere, and nothing is locked meanwhile."""

    job: Job
    folder: FilePath
    key: str
    wanted: int = WANTED
    """So many carves that nothing beats are looked for."""

    def run(
        self,
        *,
        tried: Callable[[int], None] = lambda number: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> tuple[Point, ...]:
        """
        A point for each setting that makes another carve, each kept as soon as it is there; the plan as it is written
        comes first.

        Parameters
        ----------
        tried
            Told how many are done.
        stop
            Asked now and then; true ends it, and what was found till then stays.
        """
        from patchbook.carving.frontier import FrontierPoint, frontier

        points: list[Point] = []
        tried(0)
        written = self.job.run(stop=stop)
        if written.was_stopped:
            return ()
        carved = written.result.carved_layers
        points.append(self._kept(self.job.plan, written.result, AS_WRITTEN))
        cut_short = points[0].was_cut_short
        _write(self.folder, self.key, points)
        if not carved:
            return tuple(points)
        traded = Traded.of(written.result.plan, carved)

        def found(point: FrontierPoint) -> None:
            if point.emphasis is None or stop():
                return
            tuning = tuning_of(point.emphasis, has_owners=traded.has_owners, of=traded.way)
            if tuning.key == AS_WRITTEN.key:
                return
            plan = replace(self.job.plan, document=with_tuning(self.job.plan.document, tuning))
            solutions = dict(zip(traded.numbers, point.solutions, strict=True))
            result = replace(self.job, plan=plan).run(solutions=solutions).result
            made = replace(self._kept(plan, result, tuning), was_cut_short=cut_short)
            if any(made.is_like(other) for other in points):
                return  # of small markets many settings make the same carve
            points.append(made)
            _write(self.folder, self.key, points)
            tried(len(points))

        frontier(
            traded.problems, widens=traded.widens, seed=written.result.plan.seed, first=traded.first,
            points=self.wanted, stop=stop, found=found,
        )  # fmt: skip
        return tuple(points)

    def _kept(self, plan: RecordedPlan, result: Result, tuning: Tuning) -> Point:
        """The point of a carve, whose result is kept."""
        return point_of(self.folder, replace(plan, result_id=results.keep(result, self.folder)), result, tuning)


def prepare_trial(tx: Connection, plan_id: str, *, seconds: float, by: Principal, at: datetime) -> Trial:
    """
    Gather what trying the settings of a carved draft needs.

    Parameters
    ----------
    seconds
        The longest each layer of the carve that the others are begun from may take.

    Raises
    ------
    NotCarved
        The plan has no carve yet, so it is not settled which accounts, people and owners it is about.
    """
    plan = check_trial(tx, plan_id, seconds=seconds, by=by, at=at)
    job = prepare_carve(tx, plan_id, seconds=seconds, by=by, at=at)
    return Trial(job=job, folder=record_of(tx).folder, key=_key(tx, plan))


def check_trial(tx: Connection, plan_id: str, *, seconds: float, by: Principal, at: datetime) -> RecordedPlan:
    """The plan, if its settings may be tried; quick, for whoever wants to know before the accounts are gathered."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise BadInput(f"{seconds:g} seconds for each carve; it is above 0 and at most {LONGEST_SECONDS:g}.")
    plan = store.get(tx, plan_id, by=by, at=at).edited()
    if plan.result_id is None:
        raise NotCarved(plan)
    return plan


def tried(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> tuple[Point, ...]:
    """What was tried for the plan as it is now, in the order it was tried; empty where nothing was."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = store.get(tx, plan_id, by=by, at=at)
    if plan.result_id is None:
        return ()
    return _read(record_of(tx).folder, _key(tx, plan))


def take(tx: Connection, plan_id: str, key: str, *, revision: int | None, by: Principal, at: datetime) -> Kept:
    """
    Give a draft the settings and the carve of a point; its names and locks stay, its moves do not.

    Raises
    ------
    NothingTried
        There is no such point for the plan as it is now.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at).edited()
    point = _find(tx, plan, key)
    document = with_tuning(plan.document, point.tuning)
    if document != plan.document:
        plan = actions.change_document(tx, plan_id, document, revision=revision, by=by, at=at)
    elif revision is not None and revision != plan.revision:
        raise store.stale(tx, plan_id, revision)
    return adopt_result(
        tx, plan, point.result_id, seed=point.seed, seconds=point.seconds, engine=point.engine, by=by, at=at
    )


def make_scenario(tx: Connection, plan_id: str, key: str, *, name: str, by: Principal, at: datetime) -> RecordedPlan:
    """A scenario of the plan with the settings and the carve of a point."""
    _find(tx, store.get(tx, plan_id, by=by, at=at), key)
    made = actions.clone(tx, plan_id, name, by=by, at=at)
    return take(tx, made.plan_id, key, revision=None, by=by, at=at).plan


def with_tuning(document: str, tuning: Tuning) -> str:
    """
    The document with the settings of a point, comments and all else as they stand.

    Where they cannot be put in without meaning something else, the plan is written anew, and its comments are gone.
    """
    plan = documents.parsed(document)
    meant = dump(tuned(plan, tuning))
    try:
        text = reset(document, _in_full(document, plan, changes(plan, tuning)))
        if dump(documents.parsed(text)) == meant:
            return text
    except (BadPlanFile, yaml.YAMLError):
        pass
    locks = yaml.safe_load(document).get("locks")
    return meant + (yaml.safe_dump({"locks": locks}) if isinstance(locks, str) else "")


def _in_full(document: str, plan: Plan, wanted: Mapping[Path, Any]) -> dict[Path, Any]:
    """The settings, with a measure that is written as its field alone (`potential: revenue_usd`) written out."""
    told = yaml.safe_load(document).get("measures") or {}
    found: dict[Path, Any] = {}
    for path, value in wanted.items():
        if path[0] == "measures" and not isinstance(told.get(path[1]), dict):
            found[path[:2]] = {"from": plan.measure(str(path[1])).source, str(path[2]): value}
        else:
            found[path] = value
    return found


def point_of(folder: FilePath, plan: RecordedPlan, result: Result, tuning: Tuning) -> Point:
    """The figures of a plan's result, as those of plans side by side are told."""
    state, by = state_of(folder, plan, ()), disruption_by(result.plan)
    scenario = scenario_of(state)
    amount, share = moved_of(state, by) if by is not None else (None, scenario.moved_share)
    off = [spread.largest_deviation for spread in scenario.spreads if spread.largest_deviation is not None]
    told = result.summary
    gap, is_feasible = told.get("gap"), told.get("feasible") is not False
    assert plan.result_id is not None
    return Point(
        tuning=tuning,
        result_id=plan.result_id,
        seed=plan.seed,
        seconds=plan.seconds,
        engine=engine_version(),
        moved=scenario.moved,
        moved_share=share,
        deviation=max(off, default=None),
        travel_km=scenario.figures.get("travel") if has_places(result.plan) else None,
        unlikeness=None if has_places(result.plan) else _unlikeness(result),
        gap=float(gap) if isinstance(gap, int | float) and is_feasible else None,
        is_feasible=is_feasible,
        was_cut_short=float(told.get("seconds") or 0.0) >= plan.seconds,
        by=by,
        moved_amount=amount,
    )


def _unlikeness(result: Result) -> float | None:
    """How unlike the middle of its book an account is, over the layers that are carved by likeness."""
    from patchbook.carving.frontier import figures_of

    alike = [layer for layer in result.carved_layers if layer.market.likeness is not None]
    if not alike:
        return None
    return alike[0].market.worth.figure(figures_of([layer.solution for layer in alike]).travel_km)


def has_places(plan: Plan) -> bool:
    """Whether places count in any layer that is carved."""
    return any(isinstance(layer, CarveLayer) and layer.is_on_the_ground for layer in plan.layers)


def _find(tx: Connection, plan: RecordedPlan, key: str) -> Point:
    for point in _read(record_of(tx).folder, _key(tx, plan)) if plan.result_id else ():
        if point.tuning.key == key:
            return point
    raise NothingTried(f"Nothing is kept of {key!r} for plan {plan.name!r} as it is now; try its settings again.")


def _key(tx: Connection, plan: RecordedPlan) -> str:
    """The digest of all a trial depends on but the settings it tries."""
    apart = _settled(parsed(plan))
    files = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in store.files(tx, plan.plan_id).items()}
    standing = [one for one in store.edits(tx, plan.plan_id) if not one.undone and one.result_id == plan.result_id]
    locks = [(one.kind, dict(one.payload)) for one in standing] if any(one.kind == "lock" for one in standing) else []
    told: Mapping[str, Any] = {
        "document": apart, "files": files, "accounts": plan.snapshot_id, "people": plan.people_id,
        "owners_at": str(plan.owners_at), "seed": plan.seed, "effective": str(plan.effective), "locks": locks,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:24]


def _settled(plan: Plan) -> str:
    """The plan without what a tuning sets, its name and its time."""
    layers = tuple(_untuned(layer) if isinstance(layer, CarveLayer) else layer for layer in plan.layers)
    measures = tuple(replace(one, tolerance=0.05) for one in plan.measures)
    return dump(replace(plan, name="", seconds=1.0, measures=measures, layers=layers))


def _untuned(layer: CarveLayer) -> CarveLayer:
    keep = replace(layer.keep, owners="prefer", moved_at_most=None)
    return replace(layer, travel=float(layer.travel > 0), similar=_in_proportion(layer.similar), keep=keep)


def _in_proportion(similar: Mapping[str, float]) -> dict[str, float]:
    """The weights as parts of the largest, which is all that tuning leaves of them."""
    return {field: round(weight / max(similar.values()), 4) for field, weight in similar.items()}


def _write(folder: FilePath, key: str, points: Sequence[Point]) -> None:
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    told = json.dumps([point.to_dict() for point in points], ensure_ascii=False, indent=1) + "\n"
    write_whole(place / f"{key}.json", told.encode())


def _read(folder: FilePath, key: str) -> tuple[Point, ...]:
    try:
        told = json.loads((folder / FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(Point.from_dict(point) for point in told)
