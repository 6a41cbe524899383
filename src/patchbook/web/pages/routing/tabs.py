"""The tabs over every page of routing."""

from __future__ import annotations

from dataclasses import dataclass

from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A page beside this one."""

    title: str
    path: str


_TABS = (
    ("Feed", "/routing", Deed.SEE),
    ("Queue", "/routing/queue", Deed.SEE),
    ("Pools", "/routing/pools", Deed.SEE),
    ("Document", "/routing/document", Deed.SEE),
    ("Replays", "/routing/replays", Deed.EDIT_PLAN),
    ("Webhooks", "/routing/hooks", Deed.ADMINISTER),
)


def tabs(by: Principal) -> tuple[Tab, ...]:
    """Those somebody has a use for."""
    return tuple(Tab(title=title, path=path) for title, path, deed in _TABS if may(by, deed))
