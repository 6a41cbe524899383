"""A file that was sent, and what was said of it so far. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from patchbook.accounts.peek import Written
from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.imports.imported import Kind

KEPT_FOR = timedelta(days=1)
MOST_WAITING = 20
"""Files of all people together that wait to be taken in."""
MOST_BYTES = 4 << 30
"""What they may hold together."""


class NoUpload(NotFound):
    """A file was never sent, or was kept for its day and is gone."""

    def __init__(self) -> None:
        super().__init__("This upload is not here any more: files are kept for a day. Upload it again.")


class BadUpload(BadInput):
    """A file has no name a file can have, or a column is said to be what it cannot be."""


class TooManyUploads(Conflict):
    """More files wait than are kept."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that waits to be taken in."""

    upload_id: str
    kind: Kind
    name: str
    size: int
    """In bytes."""
    by: str
    at: datetime
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column → the field it is taken for, where a person said so; an empty text is a field of its own."""
    written: Written = field(default_factory=Written)
    import_id: str | None = None
    """The import it became."""

    def is_over(self, at: datetime) -> bool:
        """Whether its day is over."""
        return not self.at - KEPT_FOR < at < self.at + KEPT_FOR
