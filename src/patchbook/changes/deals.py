"""Open deals of accounts that a change of people moves: who keeps which, by the policy of the deed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.changes.handing import Handed, Handing
from patchbook.holdovers import actions as holdovers
from patchbook.holdovers.holdover import Policy, Treatment
from patchbook.ledger.tables import override


def keep_deals(
    tx: Connection, moves: Iterable[tuple[str, str]], policy: Policy, handing: Handing, *, on: datetime, into: Handed
) -> None:
    """
    Gather the holdovers that a policy makes of the open deals of accounts that move.

    Parameters
    ----------
    moves
        Account and who had it.
    """
    if not policy.rules:
        return
    schema = {"account_id": pl.String, "from_person": pl.String}
    decided = holdovers.would_keep(tx, pl.DataFrame(list(moves), schema=schema, orient="row"), policy, on=on)
    into.facts.lay(override, holdovers.facts(decided, on=on, source=handing.source, cause=handing.cause))
    stays = decided.filter(pl.col("treatment") != Treatment.MOVE.value)
    for person_id, kept in sorted(stays.group_by("person_id").len().iter_rows()):
        into.summary.append(f"{person_id} keeps {kept} open {'deal' if kept == 1 else 'deals'} of accounts that move.")
