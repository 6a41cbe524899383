"""The rules of engagement, made from the live settings, to read, print and acknowledge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markupsafe import Markup
from sqlalchemy import Connection

from patchbook.engagement import acknowledging
from patchbook.engagement.acknowledging import Acknowledged
from patchbook.engagement.document import Document
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.web.models import After
from patchbook.web.page import Looked, Nav, Pages

NAV = (Nav(title="Rules of engagement", path="/rules-of-engagement", section="Own", deed=Deed.SEE),)

router = Pages()


@dataclass(frozen=True, kw_only=True)
class RulesOfEngagementPage:
    """The rules as they are, and who has read them."""

    document: Document
    html: Markup
    mine: Acknowledged | None
    readers: tuple[Acknowledged, ...]
    next: str | None


def load(tx: Connection, *, after: str | None = None, by: Principal, at: datetime) -> RulesOfEngagementPage:
    """The rules as they are."""
    document = acknowledging.document(tx, by=by, at=at)
    page = acknowledging.acknowledgements(tx, after=after, by=by, at=at)
    mine = next((one for one in page.rows if one.person_id == by.person_id), None)
    sees = may(by, Deed.SEE_EVERYONE)
    return RulesOfEngagementPage(
        document=document,
        html=Markup(_markdown().render(document.markdown.partition("\n")[2])),
        mine=mine,
        readers=tuple(page.rows) if sees else (),
        next=page.next_cursor if sees else None,
    )


@cache
def _markdown() -> MarkdownIt:
    """What people wrote is escaped before it is Markdown; HTML is none here all the same."""
    return MarkdownIt("commonmark", {"html": False})


@router.page("/rules-of-engagement", Deed.SEE)
def show(here: Looked, after: After = None) -> Response:
    """The rules."""
    return here.show("rules_of_engagement.html", load(here.tx, after=after, by=here.person, at=here.at))


@router.form("/rules-of-engagement/acknowledgement", Deed.SEE)
def acknowledge(here: Looked, version: Annotated[int, Form(ge=0)]) -> Response:
    """Say that one has read them."""
    acknowledging.acknowledge(here.tx, version=version, by=here.person, at=here.at)
    return here.done("/rules-of-engagement", f"Noted: you have read version {version}.")
