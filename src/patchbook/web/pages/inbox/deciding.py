"""The kinds of things that wait for somebody: where each is looked at, and how it is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Connection

from patchbook.approvals import actions as approvals
from patchbook.challenges import actions as challenges
from patchbook.engagement import handing_over, outreach, registering
from patchbook.engagement.idle_store import warned
from patchbook.exceptions import actions as exceptions
from patchbook.holdovers import actions as holdovers
from patchbook.live import actions as live
from patchbook.people.principal import Principal
from patchbook.proposals import actions as proposals
from patchbook.proposals.inbox import MOST, Item


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody says to one thing that waits for them."""

    subject_id: str
    yes: bool
    comment: str
    by: Principal
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of thing that waits."""

    name: str
    """As an item of the inbox calls it."""
    source: str
    """What they are counted under."""
    one: str
    many: str
    href: Callable[[Item], str]
    decide: Callable[[Connection, Answer], object] | None = None
    """None where it is decided on a page of its own."""
    yes: str = "Accept"
    no: str | None = "Reject"
    """None where there is nothing to refuse."""
    done: str = "accepted"
    refused: str = "rejected"

    def key(self, item: Item) -> str:
        """What a form sends to name the item."""
        subject_id = f"{item.plan_id} {item.subject_id}" if self.name == "approval" else item.subject_id
        return f"{self.name}:{subject_id}"


def segment(text: str) -> str:
    """An id as one segment of an address."""
    return quote(text, safe="")


def about(item: Item) -> str:
    """The page of what an item is about."""
    kind, subject_id = item.about or ("plan", item.plan_id or "")
    place = {"plan": "plans", "proposal": "proposals", "challenge": "challenges", "exception": "exceptions"}
    if kind == "territory":
        return f"/comments/territory/{segment(subject_id)}"
    return f"/{place.get(kind, 'accounts')}/{segment(subject_id)}"


def _proposal(tx: Connection, answer: Answer) -> None:
    decision: proposals.Decision = "accept" if answer.yes else "reject"
    proposals.decide(tx, answer.subject_id, decision, answer.comment or None, by=answer.by, at=answer.at)


def _approval(tx: Connection, answer: Answer) -> None:
    plan_id, _, step_id = answer.subject_id.partition(" ")
    say = approvals.approve if answer.yes else approvals.reject
    say(tx, plan_id, step_id=step_id, comment=answer.comment or None, by=answer.by, at=answer.at)


def _challenge(tx: Connection, answer: Answer) -> None:
    decision: challenges.Decision = "accept" if answer.yes else "reject"
    challenges.decide(tx, answer.subject_id, decision, answer.comment or None, by=answer.by, at=answer.at)


def _exception(tx: Connection, answer: Answer) -> None:
    say = exceptions.approve if answer.yes else exceptions.reject
    say(tx, answer.subject_id, answer.comment or None, by=answer.by, at=answer.at)


def _extension(tx: Connection, answer: Answer) -> None:
    comment = answer.comment or None
    holdovers.decide_extension(
        tx, answer.subject_id, grant=answer.yes, comment=comment, by=answer.by, at=answer.at
    )  # fmt: skip


def _registration(tx: Connection, answer: Answer) -> None:
    if answer.yes:
        registering.approve(tx, answer.subject_id, answer.comment or None, by=answer.by, at=answer.at)
    else:
        registering.reject(tx, answer.subject_id, answer.comment, by=answer.by, at=answer.at)


def _live_change(tx: Connection, answer: Answer) -> None:
    if answer.yes:
        live.accept(tx, answer.subject_id, by=answer.by, at=answer.at)
    else:
        live.reject(tx, answer.subject_id, answer.comment, by=answer.by, at=answer.at)


def _time_out(tx: Connection, answer: Answer) -> None:
    for one in warned(tx, answer.by.person_id, limit=MOST):
        if one.notice_id == answer.subject_id:
            outreach.note(tx, one.account_id, "other", answer.comment, by=answer.by, at=answer.at)


def _handoff(tx: Connection, answer: Answer) -> None:
    if answer.yes:
        handing_over.accept(tx, answer.subject_id, by=answer.by, at=answer.at)
    else:
        handing_over.send_back(tx, answer.subject_id, answer.comment, by=answer.by, at=answer.at)


KINDS: tuple[Kind, ...] = (
    Kind(
        name="proposal",
        source="proposals",
        one="proposal",
        many="proposals",
        href=lambda item: f"/proposals/{item.subject_id}",
        decide=_proposal,
    ),
    Kind(
        name="approval",
        source="approvals",
        one="plan to approve",
        many="plans to approve",
        href=lambda item: f"/reviews/{item.plan_id}",
        decide=_approval,
        yes="Approve",
        no="Send back",
        done="approved",
        refused="sent back",
    ),
    Kind(
        name="challenge",
        source="challenges",
        one="challenge",
        many="challenges",
        href=lambda item: f"/challenges/{item.subject_id}",
        decide=_challenge,
    ),
    Kind(
        name="exception",
        source="exceptions",
        one="exception",
        many="exceptions",
        href=lambda item: f"/exceptions/{item.subject_id}",
        decide=_exception,
        yes="Agree",
        done="agreed to",
    ),
    Kind(
        name="extension",
        source="extensions",
        one="extension",
        many="extensions",
        href=lambda item: f"/holdovers#{item.subject_id}",
        decide=_extension,
        yes="Grant",
        no="Refuse",
        done="granted",
        refused="refused",
    ),
    Kind(
        name="registration",
        source="registrations",
        one="registration",
        many="registrations",
        href=lambda item: f"/registrations/{item.subject_id}",
        decide=_registration,
        yes="Approve",
        done="approved",
    ),
    Kind(
        name="live change",
        source="live_changes",
        one="live change",
        many="live changes",
        href=about,
        decide=_live_change,
        yes="Move",
        no="Leave",
        done="made",
        refused="left",
    ),
    Kind(
        name="escalation",
        source="escalations",
        one="lead that waited too long",
        many="leads that waited too long",
        href=lambda item: f"/routing/leads/{segment(item.subject_id)}",
    ),
    Kind(
        name="time-out",
        source="time_outs",
        one="account that goes back",
        many="accounts that go back",
        href=about,
        decide=_time_out,
        yes="Note a contact",
        no=None,
        done="noted",
    ),
    Kind(
        name="handoff",
        source="handoffs",
        one="handoff",
        many="handoffs",
        href=lambda item: f"/handoffs/{item.subject_id}",
        decide=_handoff,
        no="Send back",
        refused="sent back",
    ),
    Kind(name="mention", source="mentions", one="mention", many="mentions", href=about),
)
"""All of them, in the order they are shown in."""

KIND = {kind.name: kind for kind in KINDS}
