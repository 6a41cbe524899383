"""
The rules of engagement as people read them: one page of Markdown, made from the settings alone. Pure.

Whatever somebody wrote stands in it as text: no mark-up, no HTML of theirs gets through, so a page that renders it may.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from patchbook.routing.engagement import (
    MOTIONS,
    SEATS,
    Claims,
    Deals,
    Engagement,
    Handoffs,
    Registrations,
    TimeOut,
    said,
)
from patchbook.words import counted, listed

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~]|(?<!\w)-|-(?!\w)|(?<=\d)\.|\.(?=\S))")
"""What Markdown may make something of; hyphens within a word and the stop that ends a sentence are none of it."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """The rules as they are told, with the number and digest of this telling."""

    version: int
    digest: str
    """SHA-256 of the text: another digest is another set of rules."""
    routing_version: int
    """The version of the routing document it was made from; 0 where there is none."""
    markdown: str
    at: datetime


def render(engagement: Engagement) -> str:
    """
    The rules in Markdown.

    Examples
    --------
    >>> print(render(Engagement()).splitlines()[0])
    # Rules of engagement
    """
    parts = [
        ("Who owns what", _owners(engagement)),
        ("Deals that partners register", _registrations(engagement.registrations)),
        ("Accounts nobody works on", _time_outs(engagement.time_outs)),
        ("Claiming an account", _claims(engagement.claims)),
        ("Opportunities", _deals(engagement.deals)),
        ("From sales to customer success", _handoffs(engagement.handoffs)),
        ("Also", (safe(one) for one in engagement.notes)),
    ]
    lines = ["# Rules of engagement"]
    for title, told in parts:
        items = [f"- {one}" for one in told]
        if items:
            lines += ["", f"## {title}", "", *items]
    return "\n".join(lines) + "\n"


def digest_of(markdown: str) -> str:
    """What tells one set of rules from another."""
    return hashlib.sha256(markdown.encode()).hexdigest()


def safe(text: str) -> str:
    """
    Somebody's words as plain text in Markdown, on one line.

    Examples
    --------
    >>> print(safe("<b>Big</b> *deals*"))
    &lt;b&gt;Big&lt;/b&gt; \\*deals\\*
    """
    return _MARKS.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def _owners(engagement: Engagement) -> Iterator[str]:
    for motion in MOTIONS:
        yield f"{said(motion).capitalize()} belongs to {_seats(engagement.seats_for(motion))}."
    yield f"A case goes to {_seats(engagement.cases)}."


def _seats(seats: Sequence[str]) -> str:
    first, *others = [SEATS[seat] for seat in seats]
    return first + "".join(f", or where there is none to {other}" for other in others)


def _registrations(rules: Registrations) -> Iterator[str]:
    yield (
        f"A registered deal is the partner's for {counted(rules.days, 'day')} from the approval, and can be extended"
        f" once by {counted(rules.extension_days, 'day')}."
    )
    yield "It is refused where a deal of our own is open on the account, or another partner registered one."
    if rules.motions:
        motions = listed([motion.value for motion in rules.motions])
        yield f"While it is in force, {motions} leads of the account go to whoever looks after the partner."
    yield f"A partner has at most {counted(rules.most_per_partner, 'registration')} waiting or in force."


def _time_outs(rules: Sequence[TimeOut]) -> Iterator[str]:
    for rule in rules:
        where = f" in {listed([safe(name) for name in rule.territories])}" if rule.territories else ""
        deals = " and no open opportunity" if rule.open_deals_keep else ""
        yield (
            f"An account{where} without activity for {counted(rule.days, 'day')}{deals} goes back to"
            f" {safe(rule.returns_to)}; its owner is told at least {counted(rule.warning_days, 'day')} before."
        )
    if not rules:
        yield "No account goes back for want of activity."


def _claims(rules: Claims) -> Iterator[str]:
    if not rules.territories:
        yield "No account can be claimed."
        return
    yield (
        f"Accounts of {listed([safe(name) for name in rules.territories])} can be claimed by whoever wants to work on"
        f" them, for {counted(rules.days, 'day')}."
    )
    yield f"One person has at most {counted(rules.in_force, 'claim')} at a time, and makes {rules.per_week} a week."
    if rules.cool_down_days:
        yield (
            f"An account that was returned cannot be claimed by its last owner for"
            f" {counted(rules.cool_down_days, 'day')}."
        )


def _deals(rules: Deals) -> Iterator[str]:
    for rule in rules.rules:
        yield f"{safe(rule.name)} go to {safe(rule.territory)}: `{rule.where.replace('`', '')}`."
    yield f"{'Every other' if rules.rules else 'An'} opportunity belongs to the territory of its account."
    if rules.rules:
        several = (
            "the first in this list decides" if rules.first_rule_wins else "somebody chooses; nothing is decided unseen"
        )
        yield f"Where several of these take one, {several}."
    stages = f" from {listed([safe(stage) for stage in rules.locked_at])} on and" if rules.locked_at else ""
    yield f"Its territory stays{stages} once it is closed."


def _handoffs(rules: Handoffs) -> Iterator[str]:
    yield (
        f"A customer that was won is handed to {_seats(rules.seats)}, who has {counted(rules.days, 'day')} to accept."
    )
    for item in rules.checklist:
        yield f"To be done before: {safe(item)}"
