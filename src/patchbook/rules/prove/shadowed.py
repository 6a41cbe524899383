"""Rules that never win, since earlier ones take all they would take: one earlier rule, or several together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from patchbook.rules.prove.case import Case
from patchbook.rules.prove.cover import OutOfBudget, is_covered
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.space import members


@dataclass(frozen=True)
class Cover:
    """What is known of one box of a rule: whether earlier rules take all of it, and which."""

    is_covered: bool | None
    """None where it was not proved."""
    by: frozenset[int] = frozenset()
    """Places of rules."""


def find(case: Case) -> Iterator[Finding]:
    """Exact where it says so; a question that takes too many steps is told as not proved."""
    for place, rule in enumerate(case.rules.rules):
        if not case.lives(place):
            continue
        found = covers(case, place)
        if any(cover.is_covered is False for cover in found.values()):
            continue
        if any(cover.is_covered is None for cover in found.values()):
            yield Finding(
                kind=Kind.NOT_PROVED,
                severity=Severity.NOTE,
                rules=(rule.number,),
                says=f"Whether {rule} ever wins was not proved: too many earlier rules cut into it.",
                line=rule.line,
            )
            continue
        by = frozenset().union(*(cover.by for cover in found.values()))
        same = all(case.rule(one).outcome == rule.outcome for one in by)
        how = "comes before it and takes" if len(by) == 1 else "together come before it and take"
        bit = next(iter(found))
        yield Finding(
            kind=Kind.SHADOWED,
            severity=Severity.WARNING if same else Severity.ERROR,
            rules=(rule.number, *sorted(case.rule(one).number for one in by)),
            says=f"R{str(rule)[1:]} never wins: {case.named(by)} {how} all that it would take.",
            fix="Remove it: its accounts go to the same place without it."
            if same
            else f"Move it before {case.rule(min(by))}, make that narrower, or remove it.",
            witness=case.witness(
                case.space.boxes[bit].sets,
                lambda record, place=place: case.holds(place, record) and 0 <= case.first(record) < place,  # type: ignore[misc]
            ),
            accounts=None if case.accounts is None else int(case.accounts.meets(place).sum()),
            line=rule.line,
        )


def covers(case: Case, place: int) -> dict[int, Cover]:
    """For each box of a rule, by its bit, whether earlier rules take all of it."""
    known: dict[int, dict[int, Cover]] = case.known.setdefault("covers", {})
    if place not in known:
        known[place] = {bit: _cover(case, place, bit) for bit in members(case.space.bits_of_rule[place])}
    return known[place]


def _cover(case: Case, place: int, bit: int) -> Cover:
    sets = case.space.boxes[bit].sets
    earlier = case.space.meeting(sets) & case.before(place)
    used: set[int] = set()
    try:
        covered = is_covered(case.space, sets, earlier, case.budget(), used)
    except OutOfBudget:
        return Cover(None)
    return Cover(covered, frozenset(case.space.boxes[one].rule for one in used) if covered else frozenset())
