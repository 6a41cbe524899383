"""Deeds on leads, as the web does them: at the desk, whose turns wait for no other write of the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from fastapi import Request
from sqlalchemy import Connection

from patchbook.leads.desk import Admit, Desk
from patchbook.leads.lane import Lane
from patchbook.people.principal import Principal
from patchbook.web.signed_in import admitted

Done = TypeVar("Done")


async def at_desk(
    request: Request,
    deed: Callable[[Lane, Principal, datetime], Done],
    *,
    writes_last: bool = False,
    admit: Admit | None = None,
) -> Done:
    """
    What a deed on leads gives, once it is on the disk.

    These take no part in the turns of other writes, nor in their kept answers: a lead has its source's id, by which
    what is sent again is known.

    Parameters
    ----------
    admit
        Who does it, where that is not whoever is signed in: a message says by its signature who it is from.
    """

    def signed_in(tx: Connection, at: datetime) -> Principal:
        request.state.at = at
        return admitted(request, tx, at)

    desk: Desk = request.app.state.desk
    return await asyncio.wrap_future(desk.ask(admit or signed_in, deed, writes_last=writes_last))
