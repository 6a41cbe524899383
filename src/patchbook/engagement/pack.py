"""What a new owner of an account needs to know: a transition pack, as rows, as Markdown and as a table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from patchbook.engagement.document import safe

SECTIONS: Mapping[str, str] = {
    "owner": "Who had it",
    "deal": "Open deals",
    "holdover": "Deals held by others",
    "registration": "Partners",
    "handoff": "From sales to customer success",
    "warning": "Warnings",
    "activity": "What was done lately",
}
"""Kind of a line → the heading it stands under, in the order they are told."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to know."""

    kind: str
    """A key of `SECTIONS`."""
    subject_id: str
    person_id: str | None
    since: datetime | None
    until: datetime | None = None
    says: str


@dataclass(frozen=True, kw_only=True)
class Pack:
    """All there is to know of an account when it changes hands."""

    account_id: str
    at: datetime
    owner_id: str | None
    lines: tuple[Line, ...]

    @property
    def markdown(self) -> str:
        """The pack as a page; what people wrote stands in it as text."""
        out = [
            f"# {safe(self.account_id)} on {self.at:%Y-%m-%d}",
            "",
            f"Its owner is {safe(self.owner_id or 'nobody')}.",
        ]
        for kind, title in SECTIONS.items():
            mine = [one for one in self.lines if one.kind == kind]
            if mine:
                out += ["", f"## {title}", "", *(f"- {safe(one.says)}" for one in mine)]
        return "\n".join(out) + "\n"

    @property
    def table(self) -> pl.DataFrame:
        """The pack a row a line: kind, subject_id, person_id, since, until, says."""
        instant = pl.Datetime("us", "UTC")
        texts = dict.fromkeys(("kind", "subject_id", "person_id"), pl.String())
        schema: dict[str, pl.DataType] = {**texts, "since": instant, "until": instant, "says": pl.String()}
        rows = [{name: getattr(one, name) for name in schema} for one in self.lines]
        return pl.DataFrame(rows, schema=schema)
