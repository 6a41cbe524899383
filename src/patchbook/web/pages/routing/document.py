"""The routing document: what holds, its versions, changing it, and a lead tried out with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.errors import BadInput
from patchbook.leads import routing
from patchbook.leads.document import BadRouting, loads
from patchbook.leads.fields import LONGEST, Unread, read_fields
from patchbook.leads.lead import Received
from patchbook.leads.routing import NoRouting, RoutingVersion
from patchbook.leads.trying import TRIED, try_lead
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, may
from patchbook.people.principal import Principal
from patchbook.plans.problems import Problem
from patchbook.plans.tree import MAX_CHARACTERS
from patchbook.routing.decision import Decision
from patchbook.routing.lead import Kind, Motion
from patchbook.web.models import After
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.routing.tabs import Tab, tabs

router = Pages()

A_PAGE = 20
KINDS = tuple((kind.value, kind.value.capitalize()) for kind in Kind)
MOTIONS = tuple((motion.value, motion.value.capitalize()) for motion in Motion)
EXAMPLE = "name: Example Ltd\nemail: ann@example.com\ncountry: GB"

Text = Annotated[str, Form(max_length=2 * MAX_CHARACTERS, pattern=r"^[^\x00]*$")]
SomeKind = Annotated[Kind, Form()]
SomeMotion = Annotated[Motion, Form()]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class NotAField(BadInput):
    """A line of a lead that is tried is no field and its value."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is wrong with a text; nothing where it is good."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    version: int = 0
    """The version in force, when it was checked."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A lead that was tried."""

    decision: Decision
    person: str | None
    unread: tuple[Unread, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a difference."""

    text: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class DocumentPage:
    """What the page of the document shows."""

    tabs: tuple[Tab, ...]
    text: str
    shown: RoutingVersion | None
    """The version looked at; None where there is none yet."""
    newest: int
    changes: tuple[Line, ...]
    versions: tuple[RoutingVersion, ...]
    names: dict[str, str]
    next: str | None
    may_set: bool
    lead: str = EXAMPLE
    kind: str = Kind.LEAD.value
    motion: str = Motion.INBOUND.value
    why: str = ""
    checked: Checked | None = None
    tried: Tried | None = None
    kinds: tuple[tuple[str, str], ...] = KINDS
    motions: tuple[tuple[str, str], ...] = MOTIONS

    @property
    def is_old(self) -> bool:
        """Whether a version that does not hold any more is looked at."""
        return self.shown is not None and self.shown.version != self.newest


def load(
    tx: Connection,
    *,
    version: int | None = None,
    after: str | None = None,
    text: str | None = None,
    lead: str = EXAMPLE,
    kind: str = Kind.LEAD.value,
    motion: str = Motion.INBOUND.value,
    why: str = "",
    checked: Checked | None = None,
    tried: Tried | None = None,
    by: Principal,
    at: datetime,
) -> DocumentPage:
    """The document, its versions, and whatever was typed."""
    kept = routing.versions(tx, after=after, limit=A_PAGE, by=by, at=at)
    try:
        newest = routing.get_routing(tx, by=by, at=at).version
        shown: RoutingVersion | None = routing.get_routing(tx, version, by=by, at=at)
    except NoRouting:
        if version is not None:
            raise
        newest, shown = 0, None
    changed = routing.changes(tx, shown.version - 1, shown.version, by=by, at=at) if shown and shown.version > 1 else ""
    whom = sorted({one.by for one in kept.rows} | ({shown.by} if shown else set()))
    return DocumentPage(
        tabs=tabs(by),
        text=text if text is not None else shown.document if shown else "",
        shown=shown,
        newest=newest,
        changes=tuple(Line(text=line, kind=_kind(line)) for line in changed.splitlines()[2:]),
        versions=kept.rows,
        names=people.names(tx, whom),
        next=kept.next_cursor,
        may_set=may(by, Deed.ROUTE),
        lead=lead,
        kind=kind,
        motion=motion,
        why=why,
        checked=checked,
        tried=tried,
    )


def _kind(line: str) -> str:
    return {"+": "add", "-": "cut", "@": "place"}.get(line[:1], "")


def check(tx: Connection, text: str, *, by: Principal, at: datetime) -> Checked:
    """Everything that is wrong with a text."""
    allow(tx, by, Deed.ROUTE, at=at)
    try:
        meant = loads(text)
    except BadRouting as bad:
        return Checked(problems=bad.problems)
    return Checked(warnings=routing.strangers_in(tx, meant))


def try_out(tx: Connection, lead: str, text: str, *, kind: str, motion: str, by: Principal, at: datetime) -> Tried:
    """What would be decided about a lead, written a field a line, with a text that need not hold."""
    read = read_fields(fields_of(lead))
    what = Received(
        source="tried out",
        source_id=TRIED,
        kind=Kind(kind),
        motion=Motion(motion),
        fields=read.fields,
        unread=read.unread,
    )
    decision = try_lead(tx, what, document=text, by=by, at=at)
    whom = decision.person_id
    found = people.find(tx, [whom]) if whom else {}
    return Tried(decision=decision, person=found[whom].name if whom in found else whom, unread=read.unread)


def fields_of(lead: str) -> dict[str, str]:
    r"""
    The fields of a lead that was typed.

    Examples
    --------
    >>> fields_of("name: Acme\n\nwebsite = acme.example: 80")
    {'name': 'Acme', 'website': 'acme.example: 80'}
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lead.splitlines(), start=1):
        if not line.strip():
            continue
        places = [place for place in (line.find(":"), line.find("=")) if place > 0]
        if not places:
            told = line.strip()[:60]
            raise NotAField(f"Line {number} of the lead is {told!r}; write a field and its value, as country: GB.")
        found[line[: min(places)].strip()] = line[min(places) + 1 :].strip()[:LONGEST]
    return found


def _plain(text: str) -> str:
    """The text with the ends of lines it was read with: a browser sends others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@router.page("/routing/document", Deed.SEE)
def show_document(here: Looked, version: Version = None, after: After = None) -> Response:
    """The page of the document."""
    page = load(here.tx, version=version, after=after, by=here.person, at=here.at)
    return here.show("routing/document.html", page)


@router.form("/routing/document", Deed.ROUTE)
def set_document(
    here: Looked,
    document: Text = "",
    why: Annotated[str, Form(max_length=2_000)] = "",
    read: Annotated[int | None, Form(ge=0, le=2**31 - 1)] = None,
) -> Response:
    """Let a text hold from now on."""
    made = routing.set_routing(here.tx, _plain(document), why=why, read=read, by=here.person, at=here.at)
    said = f"Version {made.version} of the routing document holds."
    return here.done("/routing/document", " ".join((said, *made.warnings)))


@router.form("/routing/document/check", Deed.ROUTE)
def check_document(here: Looked, document: Text = "", why: Annotated[str, Form(max_length=2_000)] = "") -> Response:
    """Tell everything that is wrong with a text; nothing is changed."""
    found = check(here.tx, _plain(document), by=here.person, at=here.at)
    page = load(here.tx, text=_plain(document), why=why, checked=found, by=here.person, at=here.at)
    return here.show("routing/document.html", page, block="checked")


@router.form("/routing/document/try", Deed.ROUTE)
def try_document(
    here: Looked,
    document: Text = "",
    lead: Annotated[str, Form(max_length=20_000)] = "",
    kind: SomeKind = Kind.LEAD,
    motion: SomeMotion = Motion.INBOUND,
    why: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Tell what would be decided about a lead with a text; nothing is kept."""
    text = _plain(document)
    asked: Any = {"kind": kind.value, "motion": motion.value}
    tried = try_out(here.tx, lead, text, **asked, by=here.person, at=here.at)
    page = load(here.tx, text=text, lead=lead, why=why, tried=tried, **asked, by=here.person, at=here.at)
    return here.show("routing/document.html", page, block="tried")
