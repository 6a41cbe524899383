"""What the pages about a plan's rules share: their addresses, the plan on top, and what is wrong so far as known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from sqlalchemy import Connection

from patchbook.imports import snapshots
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans import rule_actions
from patchbook.plans.rule_actions import RuleBookNow
from patchbook.rules.prove.finding import Finding
from patchbook.rules.prove.proof import Proof
from patchbook.web.page import Pages
from patchbook.web.pages.rules.proofs import PROOFS, ProofFailed
from patchbook.words import counted

DEED = Deed.SEE_EVERYONE

ROWS = 100
"""Layers on a page of the list."""

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One of the pages about the rules."""

    title: str
    path: str
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Top:
    """What stands above each of the pages."""

    plan_id: str
    name: str
    status: str
    revision: int
    effective: date | None
    can_edit: bool
    tabs: tuple[Tab, ...]
    is_proved: bool
    """Whether the problems are known; they are looked for beside the page."""
    fault: str | None
    """Why they cannot be looked for."""
    proof_path: str

    @property
    def path(self) -> str:
        """The address of the rules."""
        return path_of(self.plan_id)


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """A plan's rules for whoever looks, with what is proved of them so far."""

    now: RuleBookNow
    top: Top
    proof: Proof | None
    may_see: Collection[str] | None
    """The accounts they may see; None is all."""


def path_of(plan_id: str) -> str:
    """The address of a plan's rules."""
    return f"/plans/{quote(plan_id, safe='')}/rules"


def see(tx: Connection, plan_id: str, *, by: Principal, at: datetime, wait_seconds: float = 0.08) -> Seen:
    """A plan's rules, if they may see the plan; problems are looked for where that is not done."""
    now = rule_actions.look(tx, plan_id, by=by, at=at)
    fault, proof = fault_of(now), None
    if fault is None:
        try:
            proof = PROOFS.of(now.standing, subject=plan_id, wait_seconds=wait_seconds)
        except ProofFailed:
            fault = "The problems could not be worked out, by a fault of Patchbook's own; the server's log has more."
    path = path_of(plan_id)
    top = Top(
        plan_id=plan_id,
        name=now.recorded.name,
        status=now.recorded.status,
        revision=now.recorded.revision,
        effective=now.standing.plan.effective,
        can_edit=now.recorded.is_draft and may(by, Deed.EDIT_PLAN),
        tabs=(
            Tab(title="Rules", path=path),
            Tab(title="Problems", path=f"{path}/problems", count=None if proof is None else worth_a_look(proof)),
            Tab(title="Try a record", path=f"{path}/test"),
            Tab(title="Impact", path=f"{path}/impact"),
        ),
        is_proved=proof is not None,
        fault=fault,
        proof_path=f"{path}/proof",
    )
    return Seen(now=now, top=top, proof=proof, may_see=snapshots.seen_by(tx, by, at=at))


def fault_of(now: RuleBookNow) -> str | None:
    """Why nothing can be proved of rules."""
    standing = now.standing
    if standing.faults:
        first = min(standing.faults)
        many = counted(len(standing.faults), "condition")
        return f"{many} cannot be asked, first that of rule {first + 1}: {standing.faults[first]}"
    if standing.market is None:
        return "No accounts have been imported yet; with accounts, Patchbook can prove rules and count what they take."
    if not standing.ordered.rules:
        return "The plan has no rule and no carve yet, so there is nothing to prove."
    return None


def worth_a_look(proof: Proof) -> int:
    """How many findings are more than a note."""
    return sum(finding.severity != "note" for finding in proof.findings)


def worst(findings: Collection[Finding]) -> str:
    """The severity of the worst of some findings."""
    found = {str(finding.severity) for finding in findings}
    return next((severity for severity in ("error", "warning", "note") if severity in found), "")
