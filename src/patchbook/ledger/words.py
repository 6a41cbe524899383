"""The chain of reasons in plain words. Pure: no database, no clock."""

from __future__ import annotations

from patchbook.ledger.answers import Kind, Step
from patchbook.ledger.fact import Fact, Holding
from patchbook.period import told

_OVERRIDES = {
    "holdover": "as a holdover",
    "exception": "by an exception",
    "cover": "as cover",
    "named": "as a named account",
}


def chain(holding: Holding, role: str) -> tuple[Step, ...]:
    """Every fact that decided, the one that decides first."""
    steps = []
    if holding.override:
        steps.append(_step("override", holding.override, _override(holding.override, role)))
    if holding.assignment:
        there = f"Account {holding.assignment.account_id} is in the territory {_territory(holding.assignment)}"
        steps.append(_step("assignment", holding.assignment, there))
    if holding.staffing and not holding.override:
        is_interim = not holding.staffing.person_id and holding.staffing.other_id is not None
        steps.append(_step("interim" if is_interim else "staffing", holding.staffing, _staffing(holding, role)))
    if holding.cover:
        away = f"{_name(holding.cover.person, holding.cover.person_id)} is on leave, and"
        steps.append(_step("cover", holding.cover, f"{away} {_name(*_other(holding.cover))} acts meanwhile"))
    return tuple(steps)


def _step(kind: Kind, fact: Fact, says: str) -> Step:
    until = "" if fact.valid.is_open else f" until {told(fact.valid.end)}"
    behind = " ".join(part for part in (fact.cause, fact.source) if part)
    why = fact.reason.rstrip(". ")
    return Step(
        fact=kind,
        fact_id=fact.fact_id,
        says=f"{says}, from {told(fact.valid.start)}{until}{behind and f' ({behind})'}{why and f': {why}'}.",
        valid=fact.valid,
        recorded_from=fact.recorded_from,
        cause=fact.cause,
        source=fact.source,
        reason=fact.reason,
    )


def _override(fact: Fact, role: str) -> str:
    what = f"the opportunity {fact.opportunity_id}" if fact.opportunity_id else fact.account_id
    how = _OVERRIDES.get(fact.kind or "", "by an override")
    return f"{_name(fact.person, fact.person_id)} is the {role} of {what} {how}, whatever its territory"


def _staffing(holding: Holding, role: str) -> str:
    fact = holding.staffing
    assert fact is not None
    seat = f"{role} seat of {_territory(holding.assignment or fact)}"
    if fact.person_id:
        return f"{_name(fact.person, fact.person_id)} has the {seat}"
    if fact.pool_id:
        return f"The pool {_name(fact.pool, fact.pool_id)} has the {seat}"
    covered_by = _name(*_other(fact)) if fact.other_id else "nobody"
    return f"The {seat} is vacant, and {covered_by} has it in the interim"


def _territory(fact: Fact) -> str:
    return _name(fact.territory, fact.territory_id)


def _other(fact: Fact) -> tuple[str | None, str | None]:
    return fact.other, fact.other_id


def _name(name: str | None, key: str | None) -> str:
    return name or key or "somebody"
