"""A pool shares what reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.giving import to_pool
from patchbook.routing.route import SHARED, Terms
from patchbook.routing.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Whoever of a pool may have it and is next."""

    key: ClassVar[str] = "pool"
    help: ClassVar[str] = "Share it within a pool."

    pool: str
    """Its id or its name."""
    terms: Terms = SHARED

    def decide(self, case: Case) -> Result:
        """The member whose turn it is."""
        return to_pool(case, self.pool, self.terms, because=f"the route {case.route.name} shares it in a pool")
