"""A plan as code: its file, to read, to change while it is a draft, and to take along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import Connection

from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans import exchange
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.plan_new import LONGEST_DOCUMENT, named
from patchbook.web.pages.plans import KINDS

YAML = "application/yaml"

router = Pages()


@dataclass(frozen=True, kw_only=True)
class File:
    """A file the document names."""

    name: str
    text: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class DocumentPage:
    """What the page of a plan's file shows."""

    plan_id: str
    name: str
    status: str
    kind: str
    revision: int
    document: str
    files: tuple[File, ...]
    may_edit: bool
    """Whether it can be changed by whoever looks: a draft, by a planner."""
    is_carved: bool


def load(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> DocumentPage:
    """A plan's document and its files."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plans.get(tx, plan_id, by=by, at=at)
    files = plans.files(tx, plan_id, by=by, at=at)
    return DocumentPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        revision=plan.revision,
        document=plan.document,
        files=tuple(File(name=name, text=text, lines=len(text.splitlines())) for name, text in sorted(files.items())),
        may_edit=plan.is_draft and may(by, Deed.EDIT_PLAN),
        is_carved=plan.result_id is not None,
    )


@router.page("/plans/{plan_id}/document", Deed.SEE_EVERYONE)
def show(plan_id: InPath, here: Looked) -> Response:
    """A plan's file."""
    return here.show("plan_document.html", load(here.tx, plan_id, by=here.person, at=here.at))


@router.form("/plans/{plan_id}/document", Deed.EDIT_PLAN)
def change(
    plan_id: InPath,
    here: Looked,
    document: Annotated[str, Form(max_length=LONGEST_DOCUMENT)],
    revision: Annotated[int, Form(ge=1)],
    file_name: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006 -- FastAPI copies it
    file_text: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006
) -> Response:
    """Give a draft another document."""
    text = document.replace("\r\n", "\n")
    files = named(file_name, file_text)
    changed = plans.change_document(here.tx, plan_id, text, files=files, revision=revision, by=here.person, at=here.at)
    carve = "; carve it again for the territories to follow" if changed.result_id else ""
    return here.done(f"/plans/{plan_id}/document", f"The file of {changed.name} is changed{carve}.")


@router.page("/plans/{plan_id}/document/export.yaml", Deed.SEE_EVERYONE)
def export(plan_id: InPath, here: Looked) -> Response:
    """The plan as one YAML file, with the files it names and every edit that counts."""
    text = exchange.export(here.tx, plan_id, by=here.person, at=here.at)
    headers = {"Content-Disposition": 'attachment; filename="plan.yaml"'}
    return PlainTextResponse(text, 200, headers, YAML)
