"""Carve fair sales territories: read accounts, load a plan, carve it, look at the result, and keep it in a record.

Examples
--------
>>> import patchbook as pb
>>> pb.__version__.count(".")
2

Everything is fetched when it is first used, so that `import patchbook` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patchbook.accounts import read as read_accounts
    from patchbook.db.record import Record, create_record, open_record
    from patchbook.errors import BadInput, Conflict, Infeasible, NotAllowed, NotFound, PatchbookError
    from patchbook.period import instant
    from patchbook.plans.carve import carve
    from patchbook.plans.plan import Plan
    from patchbook.plans.result import Result

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "Conflict",
    "Infeasible",
    "NotAllowed",
    "NotFound",
    "PatchbookError",
    "Plan",
    "Record",
    "Result",
    "__version__",
    "carve",
    "create_record",
    "instant",
    "open_record",
    "read_accounts",
]

_ROOMS = {
    "BadInput": "patchbook.errors",
    "Conflict": "patchbook.errors",
    "Infeasible": "patchbook.errors",
    "NotAllowed": "patchbook.errors",
    "NotFound": "patchbook.errors",
    "PatchbookError": "patchbook.errors",
    "Plan": "patchbook.plans.plan",
    "Record": "patchbook.db.record",
    "Result": "patchbook.plans.result",
    "carve": "patchbook.plans.carve",
    "create_record": "patchbook.db.record",
    "instant": "patchbook.period",
    "open_record": "patchbook.db.record",
    "read_accounts": "patchbook.accounts:read",
}
"""What is offered → the module it lives in, and its name there where that differs."""


def __getattr__(name: str) -> Any:
    """Fetch what is offered when it is first asked for."""
    if name not in _ROOMS:
        raise AttributeError(f"patchbook offers no {name!r}; it offers {', '.join(__all__)}.")
    room, _, name_there = _ROOMS[name].partition(":")
    offered = getattr(importlib.import_module(room), name_there or name)
    globals()[name] = offered
    return offered


def __dir__() -> list[str]:
    """What is offered, fetched or not."""
    return sorted(__all__)
