"""Who may call each operation of the API: a line for every one, or the app does not start.

The line is the first wall: no role that may do the deed, no answer, whatever the object. Which objects a person
reaches is asked again in each action, and narrowed in each list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from patchbook.errors import NotAllowed
from patchbook.people.permission import MAY, Deed
from patchbook.people.principal import Principal


class Anybody(StrEnum):
    """What needs no role."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


class NoPolicy(Exception):
    """An operation has no line in `POLICY`; a mistake of ours, found when the app starts."""


POLICY: Mapping[str, Deed | Anybody] = {
    "get_health": Anybody.PUBLIC,
    "sign_in": Anybody.PUBLIC,
    "sign_out": Anybody.SIGNED_IN,
    "get_me": Anybody.SIGNED_IN,
    "list_tokens": Anybody.SIGNED_IN,
    "make_token": Anybody.SIGNED_IN,
    "revoke_token": Anybody.SIGNED_IN,
    "list_grants": Anybody.SIGNED_IN,
    "grant_role": Deed.GRANT,
    "revoke_role": Deed.GRANT,
    "set_password": Anybody.SIGNED_IN,
    "list_accounts": Deed.SEE,
    "get_account": Deed.SEE,
    "get_owner": Deed.SEE,
    "get_reasons": Deed.SEE,
    "list_history": Deed.SEE,
    "list_credit": Deed.SEE_CREDIT,
    "get_opportunity_owner": Deed.SEE,
    "list_opportunity_credit": Deed.SEE_CREDIT,
    "get_company": Deed.SEE,
    "list_people": Deed.SEE,
    "add_person": Deed.EDIT_PEOPLE,
    "get_person": Deed.SEE,
    "change_person": Deed.EDIT_PEOPLE,
    "employ_person": Deed.EDIT_PEOPLE,
    "list_book": Deed.SEE,
    "list_imports": Deed.IMPORT,
    "import_file": Deed.IMPORT,
    "get_import": Deed.IMPORT,
    "get_rejected": Deed.IMPORT,
    "get_gone": Deed.IMPORT,
}
"""Operation → the deed it is, or that it takes none."""


def refuse(person: Principal, operation: str) -> None:
    """
    Refuse whoever holds no role that may do this anywhere.

    Raises
    ------
    NotAllowed
        Worded as the gate words it; says nothing about any object.
    """
    deed = POLICY[operation]
    if not isinstance(deed, Deed):
        return
    if person.token_scopes is not None and deed not in person.token_scopes:
        raise NotAllowed(f"This token may not {deed}; it is limited to {', '.join(sorted(person.token_scopes))}.")
    if not person.roles & MAY[deed]:
        roles = " and ".join(sorted(f"{role}s" for role in MAY[deed]))
        raise NotAllowed(f"Only {roles} may {deed}.")


def check(operations: Iterable[str]) -> None:
    """Refuse to start with an operation that has no line, or a line that has no operation."""
    found = set(operations)
    if missing := found - set(POLICY):
        raise NoPolicy(f"No line in web/policy.py says who may call {', '.join(sorted(missing))}.")
    if idle := set(POLICY) - found:
        raise NoPolicy(f"web/policy.py has a line for {', '.join(sorted(idle))}, which the API does not have.")
