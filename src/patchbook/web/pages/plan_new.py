"""Starting a plan: a few choices for those who plan, a plan file for those who write one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.errors import BadInput
from patchbook.imports.imported import NoImport
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans import exchange
from patchbook.plans.first import Offer, offer, start_first
from patchbook.plans.new import MAPPED, Choices
from patchbook.web.page import Looked, Pages
from patchbook.words import counted

TOLERANCES = ((2, "±2 %"), (5, "±5 %"), (10, "±10 %"), (15, "±15 %"), (25, "±25 %"))
LONGEST_DOCUMENT = 500_000
LONGEST_FILE = 900_000

router = Pages()


@dataclass(frozen=True, kw_only=True)
class NewPlanPage:
    """What one can choose from."""

    offer: Offer | None
    """None where no accounts were imported yet."""
    name: str
    effective: date
    sellers: tuple[tuple[str, str], ...]
    amounts: tuple[tuple[str, str], ...]
    works: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    tolerances: tuple[tuple[int, str], ...]
    is_about_places: bool


def load(tx: Connection, *, by: Principal, at: datetime) -> NewPlanPage:
    """What a new plan can be made of."""
    starts = _quarter_after(at.date())
    try:
        found = offer(tx, on=starts, by=by, at=at)
    except NoImport:
        found = None
    amounts = found.amounts if found else ()
    sellers = []
    for role, segment, count in found.sellers if found else ():
        who = f"{role or 'Any role'}{f', {segment}' if segment else ''}"
        sellers.append((f"{role}\n{segment}", f"{who} ({counted(count, 'person', 'people')})"))
    everybody = sum(count for *_, count in found.sellers) if found else 0
    sellers.append(("\n", f"Everybody who may have a book ({counted(everybody, 'person', 'people')})"))
    return NewPlanPage(
        offer=found,
        name=f"Plan {starts.year}",
        effective=starts,
        sellers=tuple(sellers),
        amounts=tuple((name, _plain(name)) for name in amounts) or (("", "The number of accounts"),),
        works=(("", "None"), *((name, _plain(name)) for name in amounts)),
        groups=(("", "Whatever suits"), *((name, _plain(name)) for name in (found.groups if found else ()))),
        tolerances=TOLERANCES,
        is_about_places=found is not None and found.mapped_share >= MAPPED,
    )


@router.page("/plans/new", Deed.EDIT_PLAN)
def show(here: Looked) -> Response:
    """Choose what a new plan is to be like."""
    return here.show("plan_new.html", load(here.tx, by=here.person, at=here.at))


@router.form("/plans/new", Deed.EDIT_PLAN)
def start(
    here: Looked,
    name: Annotated[str, Form(max_length=200)],
    sellers: Annotated[str, Form(max_length=500)] = "\n",
    effective: Annotated[str, Form(max_length=40)] = "",
    potential: Annotated[str, Form(max_length=200)] = "",
    workload: Annotated[str, Form(max_length=200)] = "",
    tolerance: Annotated[float, Form(gt=0, le=90)] = 5,
    ground: Annotated[Literal["place", "segment"], Form()] = "place",
    by: Annotated[str, Form(max_length=200)] = "",
    keep_owners: Annotated[Literal["yes", "no"], Form()] = "no",
) -> Response:
    """Start a plan by a few choices."""
    role, _, segment = sellers.replace("\r", "").partition("\n")
    made = start_first(
        here.tx,
        name,
        role=role,
        segment=segment,
        template="field" if ground == "place" else "inside",
        choices=Choices(
            effective=_day(effective),
            potential=potential or None,
            workload=workload,
            tolerance=tolerance / 100,
            by=by or None,
            keep_owners=keep_owners == "yes",
        ),
        by=here.person,
        at=here.at,
    )
    return here.done(f"/plans/{made.plan_id}/carve", f"{made.name} is a draft; carve it to see its territories.")


@router.form("/plans/new/file", Deed.EDIT_PLAN)
def start_from_file(
    here: Looked,
    document: Annotated[str, Form(max_length=LONGEST_DOCUMENT)],
    file_name: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006 -- FastAPI copies it
    file_text: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006
) -> Response:
    """Start a plan from a plan file, or from an exported plan."""
    document = document.replace("\r\n", "\n")
    if any(line.startswith(exchange.MARK) for line in document.splitlines()):
        made = exchange.take(here.tx, document, by=here.person, at=here.at)
    else:
        made = plans.start(here.tx, None, document, files=named(file_name, file_text), by=here.person, at=here.at)
    return here.done(f"/plans/{made.plan_id}/carve", f"{made.name} is a draft; carve it to see its territories.")


def named(names: list[str], texts: list[str]) -> Mapping[str, str]:
    """The files that came with a plan file, name → content."""
    if len(names) != len(texts):
        raise BadInput(f"{len(names)} names and {len(texts)} contents of files came; each file has both.")
    if long := next((name for name, text in zip(names, texts, strict=True) if len(text) > LONGEST_FILE), None):
        raise BadInput(f"The file {long!r} holds more than {LONGEST_FILE:,} characters.")
    return {name.strip(): text.replace("\r\n", "\n") for name, text in zip(names, texts, strict=True) if name.strip()}


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is no day; write it as 2027-02-01.") from None


def _quarter_after(today: date) -> date:
    """
    The first day of the next quarter that is at least four weeks off.

    Examples
    --------
    >>> _quarter_after(date(2027, 3, 1)), _quarter_after(date(2027, 3, 10))
    (datetime.date(2027, 4, 1), datetime.date(2027, 7, 1))
    """
    later = today + timedelta(weeks=4)
    month = (later.month - 1) // 3 * 3 + 4
    return date(later.year + (month > 12), (month - 1) % 12 + 1, 1)


def _plain(name: str) -> str:
    told = name.removesuffix("_usd").replace("_", " ")
    return told[0].upper() + told[1:] + (" (US dollars)" if name.endswith("_usd") else "")
