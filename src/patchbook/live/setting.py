"""The policy in force: that of the newest routing document, or the usual one."""

from __future__ import annotations

from sqlalchemy import Connection

from patchbook.leads import store as leads
from patchbook.leads.document import kept
from patchbook.live.policy import Policy


def policy_now(tx: Connection) -> Policy:
    """What is done about live changes now."""
    newest = leads.newest_routing(tx)
    if not newest:
        return Policy()
    (row,) = leads.routing_versions(tx, version=newest)
    found = kept(newest, row.document)["live_changes"]
    assert isinstance(found, Policy)
    return found
