"""Who may: every operation × everybody × objects of one's own, below, beside and above; made from the description.

Nothing is kept: each request runs in a transaction that is rolled back, so that the order does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Connection

from builders.api_requests import ApiRequest, Description
from builders.postgres import Server
from builders.together import DOCUMENT, a_grid_plan, invite
from builders.web_company import NOW, PEOPLE, STAFFED, TREE, a_company, accounts_of, canary, principal_of
from patchbook import access
from patchbook.approvals import actions as approvals
from patchbook.challenges import actions as challenges
from patchbook.comments import actions as comments
from patchbook.db import Record, create_record
from patchbook.exceptions import actions as exceptions
from patchbook.holdovers import actions as holdovers
from patchbook.imports import actions as imports
from patchbook.leads import routing
from patchbook.leads import store as leads
from patchbook.leads.lead import Cause, RecordedDecision, RecordedLead, Status, Version
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override
from patchbook.people.permission import MAY, Deed
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
from patchbook.web.jobs import Jobs
from patchbook.web.policy import POLICY, Anybody

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))

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
ALL = {"own": "north-1", "above": "world"}
"""Territories by where they lie for somebody; the same for everybody whose role is for the whole company."""

ASKED_OF = {"sqlite": tuple(EVERYBODY), "postgresql": tuple(EVERYBODY) if TORTURE else ("rep", "manager")}
"""Who asks on which engine: what differs between the two is what is narrowed, so there those whose sight is."""

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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server
) -> Iterator[World]:
    url = postgresql_server.new_database() if request.param == "postgresql" else None
    record = create_record(tmp_path_factory.mktemp("matrix") / "data", url=url)
    made = a_world(record)
    with pytest.MonkeyPatch.context() as patched, made.client:
        patched.setattr(Record, "writing", rolled_back)
        patched.setattr(Record, "deciding", rolled_back)
        patched.setattr(Jobs, "begin", lambda self, job, work: None)
        yield made
    record.close()
    if url:
        postgresql_server.drop(url)


@contextmanager
def rolled_back(self: Record) -> Iterator[Any]:
    """A transaction as for a deed, of which nothing is kept."""
    with self.engine.connect() as tx:
        tx.info.clear()
        tx.info["record"] = self
        begun = tx.begin()
        yield tx
        begun.rollback()


OF_A_PLACE = ("territory_id", "account_id", "person_id", "seat_id", "opportunity_id", "subject_id")


@pytest.mark.parametrize("name", sorted(POLICY))
def test_an_operation_answers_each_as_they_may(name: str, world: World):
    for who in ASKED_OF[world.record.engine.dialect.name]:
        if not may(who, POLICY[name]):
            answer = world.ask(who, world.description.request(name, values_for(world, "north-1", "plan-open")))
            expected = 401 if who == "anonymous" else 403
            assert answer.status_code == expected, f"{who}: {answer.status_code} {answer.text[:300]}"
            assert not foreign(who, answer.text), who
            continue
        for place, territory, plan_id in objects(who, world.description.operations[name][1]):
            request = world.description.request(name, values_for(world, territory, plan_id))
            answer = world.ask(who, request)
            case = f"{who}, {place}, {request.path}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code != 401 or name in SIGN_INS, case
            assert answer.status_code < 500, case
            assert not foreign(who, answer.text), f"{case} tells of {foreign(who, answer.text)}"
            if is_elsewhere(who, request, territory, plan_id, world.ids[territory]["extension_id"]):
                assert answer.status_code in (403, 404, 409, 422), case
                assert_as_if_not_there(world, who, request, answer)


def objects(who: str, path: str) -> list[tuple[str, str, str]]:
    """Where it lies for somebody, a territory, and a plan: each plan where the path is about one, else each place."""
    places = PLACES.get(who, ALL if TORTURE else {"own": "north-1"})
    if "{plan_id}" in path:
        return [("own", places["own"], plan_id) for plan_id in SEES_PLANS]
    return [(place, territory, "plan-open") for place, territory in places.items()]


SIGN_INS = {"sign_in", "begin_single_sign_on", "finish_single_sign_on"}


def may(who: str, deed: Deed | Anybody) -> bool:
    """Whether somebody's role or token lets them do this anywhere."""
    if deed is Anybody.PUBLIC:
        return True
    if who == "anonymous":
        return False
    if deed is Anybody.SIGNED_IN:
        return True
    if who == "limited token":
        return deed is LIMIT
    return PEOPLE[EVERYBODY[who]][1] in MAY[deed]


def values_for(world: World, territory: str, plan_id: str) -> dict[str, Any]:
    """What a request about a territory and a plan names."""
    return world.ids[territory] | {
        "plan_id": plan_id,
        "job_id": world.jobs[plan_id],
        "role": "owner",
        "name": "challenge_days",
        "provider": "none",
        "other": "plan-secret",
        "document": DOCUMENT,
        "moves": {"A1": "Middle"},
        "why": "because",
    }


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
        yield from (canary(f"lead{name}"), canary(f"decision{name}"))
        yield from (canary(account) for account in accounts_of(name))
        if STAFFED[name] not in {STAFFED[mine] for mine in reach}:
            yield canary(STAFFED[name])
    yield from (canary(plan_id) for plan_id, seen_by in SEES_PLANS.items() if who not in seen_by)


def unique(request: ApiRequest) -> str:
    """The id a path is about."""
    parts = request.path.removeprefix("/api/v1/").split("/")
    return parts[1] if len(parts) > 1 else ""


def is_elsewhere(who: str, request: ApiRequest, territory: str, plan_id: str, extension_id: str) -> bool:
    """Whether a request is about an object its sender does not see."""
    about = unique(request)
    if plan_id in request.path.split("/"):
        return who not in SEES_PLANS[plan_id]
    if about in (
        territory,
        f"deal-{territory}",
        f"seat-{territory}",
        f"lead-{territory}",
        extension_id,
        *accounts_of(territory),
    ):
        return territory not in REACH.get(who, set(TREE))
    if about in PEOPLE and about == STAFFED[territory]:
        return territory not in REACH.get(who, set(TREE))
    return False


def assert_as_if_not_there(world: World, who: str, request: ApiRequest, answer: Response) -> None:
    """What one may not see is answered as what is not there."""
    about = unique(request)
    nothing = ApiRequest(
        request.method,
        request.path.replace(f"/{about}", "/nothing-there", 1),
        request.query,
        request.body,
        request.content,
    )
    other = world.ask(who, nothing)
    assert (other.status_code, plain(other, "nothing-there")) == (answer.status_code, plain(answer, about)), who


def plain(answer: Response, name: str) -> str:
    """What is said, without the name it is said of, and without which of one's own are spelt alike."""
    return str(answer.json()["detail"]).replace(name, "…").partition("; the nearest are")[0].rstrip(".")


def test_whoever_sees_everything_sees_the_canaries(world: World):
    people = world.ask("admin", ApiRequest("GET", "/api/v1/people"))
    accounts = world.ask("admin", ApiRequest("GET", "/api/v1/accounts"))
    territories = world.ask("admin", ApiRequest("GET", "/api/v1/territories"))

    assert all(canary(who) in people.text for who in PEOPLE)
    assert all(canary(account) in accounts.text for name in TREE for account in accounts_of(name))
    assert all(canary(name) in territories.text for name in TREE)


def test_everybody_sees_their_own(world: World):
    for who, reach in REACH.items():
        for path, told in (("accounts", lambda name: accounts_of(name)[0]), ("territories", str)):
            answer = world.ask(who, ApiRequest("GET", f"/api/v1/{path}"))
            assert all(canary(told(name)) in answer.text for name in reach), who


def test_what_the_matrix_asks_for_is_really_there(world: World):
    values = values_for(world, "north-1", "plan-window")
    asked = ("get_pool", "get_publication", "get_carve", "stop_carve", "lift_freeze", "decide_extension")

    answers = {name: world.ask("admin", world.description.request(name, values)) for name in asked}

    assert {name: answer.text for name, answer in answers.items() if answer.status_code >= 300} == {}
