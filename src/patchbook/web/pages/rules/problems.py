"""What is wrong with the rules: each finding with a record that shows it, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.people.principal import Principal
from patchbook.plans.rule_fixes import fixes_of
from patchbook.rules.prove.finding import Finding, Witness
from patchbook.web.models import InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.change import preview_path
from patchbook.web.pages.rules.frame import DEED, Seen, Top, router, see

SHOWN_FIELDS = 8
PREFIX = "is."
"""Before the name of a field in the address of the test box, so that none can be called like another parameter."""
ROWS = 40


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A field of a record."""

    field: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Example:
    """A record that shows a problem: an account, or one made up."""

    account_id: str | None
    name: str | None
    cells: tuple[Cell, ...]
    path: str
    """Where one puts it to the rules."""
    is_hidden: bool
    """Whether it is an account of somebody else's, of which nothing is told."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to put it right."""

    title: str
    path: str
    """Where one sees what that would change."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A finding of the prover."""

    kind: str
    severity: str
    rules: tuple[int, ...]
    says: str
    fix: str | None
    condition: str | None
    accounts: int | None
    example: Example | None
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class ProblemsPage:
    """What the page of problems shows."""

    top: Top
    problems: tuple[Problem, ...]
    shown: str
    """Of which kind or severity; empty is all."""
    counts: tuple[tuple[str, str, int], ...]
    """Each severity with its heading and how many there are."""
    more: int
    left_out: tuple[tuple[str, int], ...]
    has_no_gap: bool
    rules: int
    accounts: int | None


def load(tx: Connection, plan_id: str, *, severity: str, all: bool, by: Principal, at: datetime) -> ProblemsPage:
    """The problems of a plan's rules."""
    seen = see(tx, plan_id, by=by, at=at)
    findings = seen.proof.findings if seen.proof is not None else ()
    wanted = [one for one in findings if severity in ("", one.severity)]
    shown = wanted if all else wanted[:ROWS]
    names = {"error": "Errors", "warning": "Warnings", "note": "Notes"}
    return ProblemsPage(
        top=seen.top,
        problems=tuple(_problem(one, seen) for one in shown),
        shown=severity,
        counts=tuple((name, names[name], sum(one.severity == name for one in findings)) for name in names),
        more=len(wanted) - len(shown),
        left_out=() if seen.proof is None else tuple((str(k), n) for k, n in seen.proof.left_out.items()),
        has_no_gap=seen.proof is not None and seen.proof.has_no_gap,
        rules=0 if seen.proof is None else seen.proof.rules,
        accounts=None if seen.proof is None else seen.proof.accounts,
    )


def problems_of(seen: Seen) -> tuple[Problem, ...]:
    """All problems so far known, as pages show them."""
    return tuple(_problem(one, seen) for one in (seen.proof.findings if seen.proof is not None else ()))


def _problem(finding: Finding, seen: Seen) -> Problem:
    ways = fixes_of(finding, seen.now.standing) if seen.top.can_edit else ()
    return Problem(
        kind=str(finding.kind),
        severity=str(finding.severity),
        rules=finding.rules,
        says=finding.says,
        fix=finding.fix,
        condition=finding.condition,
        accounts=finding.accounts,
        example=None if finding.witness is None else _example(finding.witness, seen),
        ways=tuple(Way(title=fix.title, path=preview_path(seen.top.plan_id, fix.change)) for fix in ways),
    )


def _example(witness: Witness, seen: Seen) -> Example:
    if witness.account_id is not None and seen.may_see is not None and witness.account_id not in seen.may_see:
        return Example(account_id=None, name=None, cells=(), path="", is_hidden=True)
    cells = [
        Cell(field=str(field), value=None if value is None else shown(value))
        for field, value in witness.record.items()
        if field not in ("account_id", "name")
    ]
    told = {f"{PREFIX}{field}": typed(value) for field, value in witness.record.items() if value is not None}
    if witness.account_id is not None:
        told = {"account_id": witness.account_id}
    name = witness.record.get("name") if witness.account_id is not None else None
    return Example(
        account_id=witness.account_id,
        name=None if witness.account_id is None else str(name or witness.account_id),
        cells=tuple(cells[:SHOWN_FIELDS]),
        path=f"{seen.top.path}/test?{urlencode(told)}",
        is_hidden=False,
    )


def shown(value: object) -> str:
    """A value of a record as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.10g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def typed(value: object) -> str:
    """A value as one would type it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    return f"{value:.15g}"


@router.page("/plans/{plan_id}/rules/problems", DEED)
def show(
    here: Looked,
    plan_id: InPath,
    severity: Annotated[str, Query(max_length=20)] = "",
    all: bool = False,
) -> Response:
    """What is wrong with the rules."""
    page = load(here.tx, plan_id, severity=severity, all=all, by=here.person, at=here.at)
    return here.show("rules_problems.html", page)
