"""What bodies, paths and queries of the API are made of, with their bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

import polars as pl
from fastapi import Depends, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from patchbook.db.page import LONGEST, USUAL, Page, cursor_of, key_of, limit_of
from patchbook.errors import BadInput
from patchbook.period import FOREVER, Period, instant

_NO_NUL = r"^[^\x00]*$"
_EXAMPLE = "2027-02-01"


class In(BaseModel):
    """What comes in: only the fields named, each within its bounds."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What goes out: only the fields named, taken from a noun of the record."""

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, noun: Any) -> Self:
        """The noun as it goes out."""
        return cls.model_validate(noun, from_attributes=True)


def _read_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) > 40:
        raise BadInput(f"A date is a text such as 2027-02-01; this is {str(value)[:40]!r}.")
    return instant(value)


When = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"format": "date"}, {"format": "date-time"}],
            "description": "A date, which means its first instant in UTC, or an instant with its zone.",
            "examples": [_EXAMPLE],
        }
    ),
]
"""An instant as people write it."""

End = Annotated[
    datetime | None,
    BeforeValidator(lambda value: None if value == FOREVER else value),
    Field(description="Null while no end is known."),
]
"""The end of a period."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_NUL)]
Words = Annotated[str, StringConstraints(max_length=10_000, pattern=_NO_NUL)]
Why = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_NO_NUL)]

InPath = Annotated[str, Path(min_length=1, max_length=200, pattern=_NO_NUL)]
"""An id in an address."""

After = Annotated[
    str | None,
    Query(max_length=1000, pattern=_NO_NUL, description="The `next` of the page before."),
]
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="Items on the page.")]
On = Annotated[When | None, Query(description="The date asked about; now when absent.")]
AsKnownOn = Annotated[When | None, Query(description="With what was known then; all known now when absent.")]
Revision = Annotated[
    int, Field(ge=1, description="The revision that was read; refused where it is no longer the newest.")
]
RoleName = Annotated[str, Query(min_length=1, max_length=50, pattern=_NO_NUL, description="Whose: owner, csm, sdr, …")]
Search = Annotated[str, Query(max_length=200, pattern=_NO_NUL, description="Part of a name or id.")]
AnId = Annotated[str | None, Query(max_length=200, pattern=_NO_NUL)]
Preview = Annotated[bool, Query(description="Tell what would change, and change nothing.")]


class PeriodIn(In):
    """From one instant up to and not including another."""

    start: When
    end: When | None = None

    def period(self) -> Period:
        """As the record means it."""
        return Period(self.start, self.end or FOREVER)


class PeriodOut(Out):
    """From one instant up to and not including another."""

    start: datetime
    end: End


Item = TypeVar("Item")
Model = TypeVar("Model", bound=Out)


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(default=None, description="Send it as `after` to get the next page; null at the end.")


class Paging:
    """Which page of a list is asked for, and how it goes out."""

    def __init__(self, request: Request, response: Response, after: After = None, limit: Limit = USUAL) -> None:
        self.after = after
        self.limit = limit
        self._request = request
        self._response = response

    def listed(self, model: type[Model], page: Page[Any]) -> Listed[Model]:
        """A page as it goes out, with the address of the next one in the Link header."""
        self._link(page.next_cursor)
        return Listed(items=[model.of(row) for row in page.rows], next=page.next_cursor)

    def sliced(self, model: type[Model], rows: Sequence[Any], key: Callable[[Any], str]) -> Listed[Model]:
        """A page of a list that is read whole; `key` tells its rows apart."""
        limit_of(self.limit)
        start = 0
        if self.after is not None:
            (last,) = key_of(self.after, str)
            start = next((place for place, row in enumerate(rows, start=1) if key(row) == last), len(rows))
        shown = rows[start : start + self.limit]
        more = cursor_of(key(shown[-1])) if start + self.limit < len(rows) else None
        return self.listed(model, Page(tuple(shown), more))

    def frame(self, frame: pl.DataFrame, *, key: str) -> Listed[dict[str, Any]]:
        """A page of a table, a row an item; `key` names the column that tells rows apart."""
        limit_of(self.limit)
        start = 0
        if self.after is not None:
            (last,) = key_of(self.after, str)
            found = frame.with_row_index("_place").filter(pl.col(key) == last)["_place"]
            start = int(found[0]) + 1 if len(found) else frame.height
        shown = frame.slice(start, self.limit).to_dicts()
        more = cursor_of(str(shown[-1][key])) if start + self.limit < frame.height else None
        self._link(more)
        return Listed(items=shown, next=more)

    def _link(self, cursor: str | None) -> None:
        if cursor is not None:
            further = self._request.url.include_query_params(after=cursor)
            self._response.headers["Link"] = f'<{further.path}?{further.query}>; rel="next"'


Paged = Annotated[Paging, Depends()]


def whole(model: type[Model], rows: Iterable[Any]) -> Listed[Model]:
    """A short list that is one page."""
    return Listed(items=[model.of(row) for row in rows])
