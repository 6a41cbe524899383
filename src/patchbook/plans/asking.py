"""Studies of a plan of the record: asked beside other work; their answers are kept beside the results.

Nothing of the plan changes by it. An answer is found again for as long as the plan means the same and has the same
carve, and is pinned to the same accounts, people and owners. No person's name is kept, only ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts.csv_out import write_whole
from patchbook.db.memory import Memory
from patchbook.db.record import record_of
from patchbook.errors import BadInput, NotFound
from patchbook.imports import store as imports
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import store
from patchbook.plans.job import Job, engine_version, prepare_carve
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.result import Result
from patchbook.plans.state import parsed
from patchbook.plans.writing import dump

if TYPE_CHECKING:
    from patchbook.carving.solution import Progress
    from patchbook.plans.studies.study import Found, Study

# The studies load the engine, which takes a second; most that looks at plans needs none, so they are imported late.

FOLDER = "studies"
LONGEST_SECONDS = 600.0
MOVING = frozenset({"move", "merge", "remove", "split"})
"""Edits after which accounts are elsewhere than the carve put them."""
MOST_KEPT = 12
"""Answers of one study to one plan that are kept, each with other choices."""

_CARVED: Memory[Result] = Memory(1)
"""The carve that was looked into last, so that the next study does not carve again."""


class NotAsked(NotFound):
    """A study was not asked about a plan as it is now, or not with those choices."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a study told of a plan."""

    study: str
    choices: Mapping[str, str]
    found: Found
    seed: int
    seconds: float
    engine: str
    by: str
    at: datetime
    has_moves: bool
    """Whether accounts were moved by hand on the draft, which the engine's carve knows nothing of."""

    @property
    def key(self) -> str:
        """What tells answers of one study to one plan apart."""
        return digest(self.choices)


def digest(choices: Mapping[str, str]) -> str:
    """A short name for choices."""
    return hashlib.sha256(json.dumps(dict(choices), sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """All that a study of a plan needs; it can run anywhere, and nothing is locked meanwhile."""

    job: Job
    study: Study
    choices: Mapping[str, str]
    deals: pl.DataFrame
    """Every opportunity that closed."""
    folder: Path
    key: str
    has_moves: bool
    by: str
    at: datetime

    def run(
        self, *, tell: Callable[[Progress], None] = lambda _: None, stop: Callable[[], bool] = lambda: False
    ) -> Answer:
        """The answer, which is kept; stopped, it is what was found until then."""
        from patchbook.plans.studies import Asked

        with self.job.laid_out() as (plan, accounts):
            asked = Asked(
                plan=plan,
                accounts=accounts,
                people=self.job.people,
                deals=self.deals,
                choices=self.choices,
                tell=tell,
                stop=stop,
            )
            carve_key = (str(self.folder), self.key, self.job.plan.seconds)
            result = _CARVED.get(carve_key, asked.carved)
            if stop():
                _CARVED.forget(carve_key)  # cut short: the next who asks is to have the whole carve
            found = self.study.run(replace(asked, result=result))
        found = replace(found, was_stopped=found.was_stopped or stop())
        answer = Answer(
            study=self.study.name,
            choices=self.choices,
            found=_nameless(found, {person.person_id: person.name for person in self.job.people}),
            seed=self.job.plan.seed,
            seconds=self.job.plan.seconds,
            engine=engine_version(),
            by=self.by,
            at=self.at,
            has_moves=self.has_moves,
        )
        _keep(self.folder, self.key, answer)
        return answer


def prepare_study(
    tx: Connection,
    plan_id: str,
    name: str,
    choices: Mapping[str, str],
    *,
    seconds: float | None = None,
    by: Principal,
    at: datetime,
) -> Asking:
    """
    Gather what a study of a carved plan needs.

    Parameters
    ----------
    seconds
        The longest each carve layer may take, instead of the plan's own.

    Raises
    ------
    NoStudy
        There is no study of that name.
    BadChoice
        The study has no such choice.
    NotCarved
        The plan has no carve yet, so it is not settled which accounts, people and owners it is about.
    """
    study, told, plan = check_study(tx, plan_id, name, choices, seconds=seconds, by=by, at=at)
    return Asking(
        job=prepare_carve(tx, plan_id, seconds=seconds, is_kept=False, by=by, at=at),
        study=study,
        choices=told,
        deals=imports.closed_opportunities(tx),
        folder=record_of(tx).folder,
        key=_key(tx, plan),
        has_moves=any(one.kind in MOVING for one in _standing(tx, plan)),
        by=by.person_id,
        at=at,
    )


def check_study(
    tx: Connection,
    plan_id: str,
    name: str,
    choices: Mapping[str, str],
    *,
    seconds: float | None = None,
    by: Principal,
    at: datetime,
) -> tuple[Study, dict[str, str], RecordedPlan]:
    """The study, its choices and the plan, if they may be asked; quick, before accounts are gathered."""
    from patchbook.plans.studies import settled, study_named

    allow(tx, by, Deed.EDIT_PLAN, at=at)
    study = study_named(name)
    told = settled(study, choices)
    if seconds is not None and not 0 < seconds <= LONGEST_SECONDS:
        raise BadInput(f"{seconds:g} seconds for each carve; it is above 0 and at most {LONGEST_SECONDS:g}.")
    plan = store.get(tx, plan_id, by=by, at=at)
    if plan.result_id is None:
        raise NotCarved(plan)
    return study, told, plan


def answers(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> dict[str, tuple[Answer, ...]]:
    """What studies told of the plan as it is now, by the study's name; the newest answer first."""
    from patchbook.plans.studies import STUDIES

    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = store.get(tx, plan_id, by=by, at=at)
    if plan.result_id is None:
        return {}
    folder, key = record_of(tx).folder, _key(tx, plan)
    found = {study.name: _read(folder, key, study.name) for study in STUDIES}
    return {name: told for name, told in found.items() if told}


def answer(tx: Connection, plan_id: str, name: str, *, key: str | None = None, by: Principal, at: datetime) -> Answer:
    """
    The newest answer of a study, or the one with choices of that digest.

    Raises
    ------
    NotAsked
        There is none for the plan as it is now.
    """
    from patchbook.plans.studies import study_named

    told = answers(tx, plan_id, by=by, at=at).get(study_named(name).name, ())
    for one in told:
        if key in (None, "", one.key):
            return one
    raise NotAsked(f"The study {name!r} was not asked about the plan as it is now; ask it.")


def _standing(tx: Connection, plan: RecordedPlan) -> list[store.RecordedEdit]:
    """The edits that count for the plan's carve."""
    return [one for one in store.edits(tx, plan.plan_id) if not one.undone and one.result_id == plan.result_id]


def _key(tx: Connection, plan: RecordedPlan) -> str:
    """The digest of all that a study's answer depends on, its choices apart."""
    files = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in store.files(tx, plan.plan_id).items()}
    edits = _standing(tx, plan)
    locks = [(one.kind, dict(one.payload)) for one in edits] if any(one.kind == "lock" for one in edits) else []
    told: Mapping[str, Any] = {
        "document": dump(replace(parsed(plan), name="")), "files": files, "accounts": plan.snapshot_id,
        "people": plan.people_id, "owners_at": str(plan.owners_at), "seed": plan.seed,
        "effective": str(plan.effective), "result": plan.result_id, "locks": locks, "engine": engine_version(),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:24]


def _keep(folder: Path, key: str, new: Answer) -> None:
    """Put an answer before the others of its study, in the place of one with the same choices."""
    others = [one for one in _read(folder, key, new.study) if one.key != new.key]
    told = [_to_dict(one) for one in (new, *others)][:MOST_KEPT]
    place = folder / FOLDER / f"{key}-{new.study}.json"
    write_whole(place, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())


def _read(folder: Path, key: str, study: str) -> tuple[Answer, ...]:
    try:
        told = json.loads((folder / FOLDER / f"{key}-{study}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(map(_from_dict, told))


def _to_dict(answer: Answer) -> dict[str, Any]:
    told = {name: getattr(answer, name) for name in Answer.__dataclass_fields__}
    return told | {"choices": dict(answer.choices), "found": answer.found.to_dict(), "at": answer.at.isoformat()}


def _from_dict(told: Mapping[str, Any]) -> Answer:
    from patchbook.plans.studies import Found

    return Answer(**{**told, "found": Found.from_dict(told["found"]), "at": datetime.fromisoformat(told["at"])})


def _nameless(found: Found, people: Mapping[str, str]) -> Found:
    """The answer with people called by their ids, as results are kept."""
    names = sorted(((name, who) for who, name in people.items() if name and name != who), key=lambda one: -len(one[0]))

    def told(value: Any) -> Any:
        if isinstance(value, str):
            for name, who in names:
                if name in value:
                    value = value.replace(name, who)
            return value
        if isinstance(value, dict):
            return {field: told(one) for field, one in value.items()}
        return [told(one) for one in value] if isinstance(value, list) else value

    return type(found).from_dict(told(found.to_dict()))
