"""Whether the server answers and its record can be read."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import literal, select

import patchbook
from patchbook.web.models import Out
from patchbook.web.route import Route
from patchbook.web.signed_in import Transaction

router = APIRouter(route_class=Route, tags=["health"])


class HealthOut(Out):
    """The server answers, and the record behind it too."""

    status: str
    version: str


@router.get("/health")
def get_health(tx: Transaction) -> HealthOut:
    """Whether the record can be read."""
    tx.execute(select(literal(1)))
    return HealthOut(status="ok", version=patchbook.__version__)
