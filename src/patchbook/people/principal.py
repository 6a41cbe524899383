"""Who is asking: a person with the roles they hold, and where. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SYSTEM = "system"
"""The id under which Patchbook itself acts: imports at first start, timers, returns from leave."""


class Role(StrEnum):
    """What somebody may do, in kind."""

    ADMIN = "admin"
    PLANNER = "planner"
    MANAGER = "manager"
    REP = "rep"
    FINANCE = "finance"
    VIEWER = "viewer"


@dataclass(frozen=True)
class Grant:
    """A role, everywhere or in the subtree of one territory."""

    role: Role
    territory_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Somebody signed in: read anew for each request, so that lost rights are lost at once."""

    person_id: str
    grants: tuple[Grant, ...] = ()
    token_scopes: frozenset[str] | None = None
    """Deeds an API token is limited to; None where the person signed in themselves."""

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def is_everywhere(self) -> bool:
        """Whether any role is held for the whole company."""
        return any(grant.territory_id is None and grant.role not in (Role.REP, Role.MANAGER) for grant in self.grants)


def system() -> Principal:
    """Patchbook itself, which may do everything."""
    return Principal(person_id=SYSTEM, grants=(Grant(Role.ADMIN),))
