"""The audit trail, and whether it is as it was written."""

from __future__ import annotations

from fastapi import APIRouter

from patchbook.audit.verify import verify
from patchbook.web.models import Out
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, Served, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["audit"])


class VerifiedOut(Out):
    """Whether the trail holds together, and where it first does not."""

    is_whole: bool
    events: int
    anchored: int
    first_bad: int | None
    what: str | None


@router.get("/audit/verification")
def verify_audit(tx: Transaction, record: Served, person: SignedIn, at: Now) -> VerifiedOut:
    """Make the whole chain anew and compare."""
    return VerifiedOut.of(verify(tx, record.folder, by=person, at=at))
