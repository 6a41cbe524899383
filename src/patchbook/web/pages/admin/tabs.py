"""The tabs over every page of administration."""

from __future__ import annotations

from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.web.pages.routing.tabs import Tab

_TABS: tuple[tuple[str, str, Deed | None], ...] = (
    ("Overview", "/admin", Deed.RUN_JOBS),
    ("Health", "/admin/health", Deed.RUN_JOBS),
    ("Users", "/admin/users", Deed.GRANT),
    ("API tokens", "/admin/tokens", None),
    ("Sign-in", "/admin/sign-in", Deed.ADMINISTER),
    ("Audit trail", "/admin/audit", Deed.SEE),
    ("Jobs", "/admin/jobs", Deed.RUN_JOBS),
    ("Settings", "/admin/settings", Deed.SEE),
)


def tabs(by: Principal) -> tuple[Tab, ...]:
    """Those somebody has a use for."""
    return tuple(Tab(title=title, path=path) for title, path, deed in _TABS if deed is None or may(by, deed))
