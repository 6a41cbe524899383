"""What bodies, paths and queries of the API are made of, with their bounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from patchbook.db.page import LONGEST, USUAL, Page
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
LIMIT = USUAL
On = Annotated[When | None, Query(description="The date asked about; now when absent.")]
AsKnownOn = Annotated[When | None, Query(description="With what was known then; all known now when absent.")]
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


def listed(model: type[Model], page: Page[Any], request: Request, response: Response) -> Listed[Model]:
    """A page as it goes out, with the address of the next one in the Link header."""
    if page.next_cursor is not None:
        further = request.url.include_query_params(after=page.next_cursor)
        response.headers["Link"] = f'<{further.path}?{further.query}>; rel="next"'
    return Listed(items=[model.of(row) for row in page.rows], next=page.next_cursor)
