"""The company of `builders.web_company` with something of everything in it, and what each of its people may read.

Whatever belongs to a territory is told in a word found nowhere else: an answer that holds the word tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Connection

from builders.api_requests import ApiRequest, Description
from builders.together import a_grid_plan, invite
from builders.web_company import NOW, STAFFED, TREE, a_company, accounts_of, canary, principal_of
from patchbook import access
from patchbook.approvals import actions as approvals
from patchbook.challenges import actions as challenges
from patchbook.comments import actions as comments
from patchbook.db import Record
from patchbook.engagement import appointing, registering
from patchbook.engagement import store as engagement_store
from patchbook.engagement.claim import Claim
from patchbook.exceptions import actions as exceptions
from patchbook.holdovers import actions as holdovers
from patchbook.imports import actions as imports
from patchbook.leads import routing
from patchbook.leads import store as leads
from patchbook.leads.lead import Cause, RecordedDecision, RecordedLead, Status, Version
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override
from patchbook.people.permission import Deed
from patchbook.period import Period, instant
from patchbook.proposals import actions as proposals
from patchbook.publishing import store as publications
from patchbook.publishing.publication import Kind, Publication
from patchbook.routing.decision import Decision, Outcome, Step
from patchbook.routing.lead import Kind as LeadKind
from patchbook.routing.lead import Motion
from patchbook.territories import pools
from patchbook.territories.territory import Member
from patchbook.web.api.drafts import CARVE
from patchbook.web.app import create_app

EVERYBODY = {
    "anonymous": None,
    "rep": "ron",
    "manager": "nora",
    "peer manager": "sven",
    "parent manager": "boss",
    "planner": "pia",
    "finance": "finn",
    "viewer": "vera",
    "admin": "ada",
    "limited token": "ada",
}
LIMIT = Deed.COMMENT
"""The one deed the limited token is for."""

PLACES = {
    "rep": {"own": "north-1", "beside": "north-2", "above": "north"},
    "manager": {"own": "north", "below": "north-1", "beside": "south", "above": "world"},
    "peer manager": {"own": "south", "below": "south-1", "beside": "north", "above": "world"},
    "parent manager": {"own": "world", "below": "north-1"},
}
REACH = {
    "rep": {"north-1"},
    "manager": {"north", "north-1", "north-2"},
    "peer manager": {"south", "south-1"},
}
"""The territories somebody sees; all of them who is not named."""

SEES_PLANS = {
    "plan-open": {"manager", "peer manager", "parent manager", "planner", "admin"},
    "plan-window": set(EVERYBODY),
    "plan-secret": {"planner", "admin"},
}
"""Plan → who sees it: managers were invited to one, reps may challenge another, and of the third nobody was told."""


@dataclass(frozen=True)
class World:
    """The company, served, with something of everything in it."""

    record: Record
    client: TestClient
    tokens: dict[str, str]
    ids: dict[str, dict[str, str]]
    """Territory → names of parameters and fields → the ids that belong to it."""
    jobs: dict[str, str]
    """Plan → a carve of it."""

    @cached_property
    def description(self) -> Description:
        return Description(self.client.get("/api/v1/openapi.json").json())

    def ask(self, who: str, request: ApiRequest) -> Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        sent = {"json": request.body} if request.content is None else {"content": request.content}
        return self.client.request(request.method, request.path, params=request.query, headers=headers, **sent)


def a_world(record: Record) -> World:
    a_company(record)
    rows = "".join(f"{account},Account {canary(account)}\n" for name in TREE for account in accounts_of(name))
    ada, pia = principal_of("ada"), principal_of("pia")
    with record.writing() as tx:
        imported = imports.accounts(tx, f"account_id,name\n{rows}".encode(), name="a.csv", by=ada, at=NOW).import_id
        people = {"West": "ron", "Middle": "rita", "East": "sam"}
        for plan_id, more in (("plan-open", {}), ("plan-window", {}), ("plan-secret", {"confidential": True})):
            name = f"Plan {canary(plan_id)}"
            a_grid_plan(tx, plan_id=plan_id, name=name, person=people, owner_id="pia", made_by="pia", **more)
        invite(tx, "plan-open", "nora", "sven", "boss")
        challenges.open_window(tx, "plan-window", instant("2027-04-01"), by=pia, at=NOW)
        freeze = approvals.freeze(tx, Period(instant("2028-01-01"), instant("2028-02-01")), "a close", by=pia, at=NOW)
        began, instants = instant("2027-03-01"), dict.fromkeys(("recorded", "recorded_to", "at"), NOW)
        told = {"plan_id": "plan-window", "kind": Kind.PUBLISH, "effective": began, "by": "pia", **instants}
        publications.add(tx, Publication(publication_id="publication-1", **told))
    with record.writing() as tx:
        routing.set_routing(tx, "free_mail: [mail.example]\n", by=ada, at=NOW)
    common = {"import_id": imported, "freeze_id": freeze.freeze_id, "publication_id": "publication-1"}
    ids = {name: _ids(record, name) | common for name in TREE}
    tokens = {}
    for who, person in EVERYBODY.items():
        if person is not None:
            scopes = [LIMIT] if who == "limited token" else list(Deed)
            with record.writing() as tx:
                tokens[who] = access.make_token(tx, who, scopes, by=principal_of(person), at=NOW).secret
    app = create_app(record, clock=lambda: NOW)
    jobs = {plan_id: app.state.jobs.add(CARVE, plan_id, by="pia", at=NOW).job_id for plan_id in SEES_PLANS}
    return World(record, TestClient(app, follow_redirects=False), tokens, ids, jobs)


def _ids(record: Record, name: str) -> dict[str, str]:
    """Something of everything in a territory, told in words found nowhere else."""
    account, person = accounts_of(name)[0], STAFFED[name]
    by = principal_of(person)
    told = {
        "territory_id": name,
        "account_id": account,
        "person_id": person,
        "seat_id": f"seat-{name}",
        "opportunity_id": f"deal-{name}",
        "parent_id": name,
        "cover_id": {"ron": "rita", "rita": "ron", "nora": "ron", "boss": "nora"}.get(person, "sven"),
        "subject_id": account,
        "kind": "account",
    }
    with record.writing() as tx:
        told["token_id"] = access.make_token(tx, canary(f"token{name}"), ["see"], by=by, at=NOW).token.token_id
        made = comments.comment(tx, "account", account, canary(f"comment{name}"), by=by, at=NOW)
        told["comment_id"] = made.comment_id
        told["extension_id"] = _an_extension(tx, name)
        registered = registering.register(
            tx,
            accounts_of(name)[2],
            partner=canary(f"partner{name}"),
            deal="A deal",
            reason="Theirs",
            person_id=person,
            by=principal_of("ada"),
            at=NOW,
        )
        told["registration_id"] = registered.registration_id
        told["claim_id"] = _a_claim(tx, name)
        appointed = appointing.appoint(
            tx, account, person, starts=instant("2027-09-01"), reason="Theirs", by=principal_of("ada"), at=NOW
        )
        told["appointment_id"] = appointed.appointment.appointment_id
        told["lead_id"] = _a_lead(tx, name)
        members = [Member(person_id=person), Member(person_id="pia")]
        told["pool_id"] = pools.add_pool(tx, f"Pool of {name}", members, by=principal_of("ada"), at=NOW).pool_id
        asked = (
            exceptions.request(
                tx,
                accounts_of(name)[1],
                "sven" if name == "south-1" else "boss",
                kind="other",
                reason=canary(f"exception{name}"),
                starts=instant("2027-05-01"),
                expires=instant("2027-06-01"),
                by=principal_of("ada"),
                at=NOW,
            )
            if name not in ("world",)
            else None
        )
        told["exception_id"] = asked.exception_id if asked else "exception-none"
        if name in ("north", "south"):
            moves = {"A1": "Middle"} if name == "north" else {"A3": "Middle"}
            made_for = proposals.propose(tx, "plan-open", moves, canary(f"proposal{name}"), by=by, at=NOW)
            told["proposal_id"] = made_for.proposal_id
        if name in ("north-1", "south-1"):
            wanted = "A1" if name == "north-1" else "A3"
            filed = challenges.challenge(
                tx, "plan-window", wanted, "drop", "other", canary(f"challenge{name}"), by=by, at=NOW
            )
            told["challenge_id"] = filed.challenge_id
    return told


def _a_claim(tx: Connection, name: str) -> str:
    """Somebody of a territory took one of its accounts, as the rules of an earlier day let them."""
    made = Claim(
        claim_id=f"claim-{name}",
        account_id=accounts_of(name)[2],
        person_id=STAFFED[name],
        reason=canary(f"claim{name}"),
        claimed_at=instant("2027-02-01"),
        ends=instant("2027-09-01"),
    )
    return engagement_store.add_claim(tx, made).claim_id


def _a_lead(tx: Connection, name: str) -> str:
    """A lead of somebody in a territory."""
    made = RecordedLead(
        lead_id=f"lead-{name}",
        source="form",
        source_id=name,
        kind=LeadKind.LEAD,
        motion=Motion.INBOUND,
        received_at=NOW,
        fields={"name": canary(f"lead{name}")},
        digest="",
        status=Status.ASSIGNED,
        territory_id=name,
        person_id=STAFFED[name],
        assigned_at=NOW,
    )
    leads.add(tx, made)
    says = f"It goes to {canary(f'decision{name}')}."
    step = Step(stage="owner", outcome=Outcome.TOOK, says=says)
    decision = Decision(
        lead_id=made.lead_id, at=NOW, person_id=made.person_id, route="default", stage="owner", steps=(step,)
    )
    kept = RecordedDecision(
        decision_id=f"decision-{name}", lead_id=made.lead_id, number=1, at=NOW, by="ada", cause=Cause.RECEIVED,
        version=Version(routing_version=0), decision=decision, answers={}, answers_digest="",
    )  # fmt: skip
    leads.add_decision(tx, kept)
    leads.save(tx, replace(made, decisions=1))
    return made.lead_id


def _an_extension(tx: Connection, name: str) -> str:
    """Somebody asks for more time on the deal they hold over in a territory."""
    held = {
        "account_id": accounts_of(name)[0],
        "role": "owner",
        "opportunity_id": f"deal-{name}",
        "person_id": STAFFED[name],
        "kind": "holdover",
        "valid_from": instant("2027-01-01"),
        "valid_to": instant("2027-08-01"),
        "cause": "publish",
        "source": "plan-first",
        "reason": "It is about to close",
    }
    lay(tx, override, [held], at=NOW)
    asking = {"until": instant("2027-10-01"), "why": canary(f"extension{name}")}
    by = principal_of(STAFFED[name])
    return holdovers.ask_extension(tx, f"deal-{name}", **asking, by=by, at=NOW).extension_id


@contextmanager
def rolled_back(self: Record) -> Iterator[Any]:
    """A transaction as for a deed, of which nothing is kept."""
    with self.engine.connect() as tx:
        tx.info.clear()
        tx.info["record"] = self
        begun = tx.begin()
        yield tx
        begun.rollback()


def foreign(who: str, text: str) -> list[str]:
    """Words of the answer that stand for something its reader may not see."""
    return [word for word in canaries(who) if word in text]


def canaries(who: str) -> Iterator[str]:
    """Every word somebody may not read."""
    if who in ("anonymous", "limited token"):
        reach: set[str] = set()
    else:
        reach = REACH.get(who, set(TREE))
    for name in set(TREE) - reach:
        yield from (canary(name), canary(f"deal{name}"), canary(f"comment{name}"), canary(f"extension{name}"))
        yield from (canary(f"partner{name}"), canary(f"claim{name}"))
        yield from (canary(f"lead{name}"), canary(f"decision{name}"))
        yield from (canary(f"exception{name}"), canary(f"challenge{name}"))
        yield from (canary(account) for account in accounts_of(name))
        if STAFFED[name] not in {STAFFED[mine] for mine in reach}:
            yield canary(STAFFED[name])
    yield from (canary(plan_id) for plan_id, seen_by in SEES_PLANS.items() if who not in seen_by)
