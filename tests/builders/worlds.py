"""A company small enough to look through, that answers whatever a decision asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from patchbook.routing.decision import Decision
from patchbook.routing.lead import Kind, Lead, Motion
from patchbook.routing.match_index import AccountIndex
from patchbook.routing.questions import (
    Candidates,
    Holder,
    HolderOf,
    LastHad,
    Load,
    LoadOf,
    Members,
    MembersOf,
    OwnerOf,
    Placed,
    Placing,
    Standing,
    StandingOf,
    TurnsOf,
)

MONDAY = datetime(2027, 1, 4, 10, tzinfo=UTC)


def a_lead(number: int = 1, *, kind: Kind = Kind.LEAD, motion: Motion = Motion.INBOUND, **fields: Any) -> Lead:
    return Lead(
        lead_id=f"lead{number}",
        source="form",
        source_id=str(number),
        kind=kind,
        motion=motion,
        received_at=MONDAY,
        fields=fields,
    )


@dataclass
class SmallWorld:
    """Answers from dictionaries; `keep` does with a decision what the record would."""

    people: Mapping[str, Standing] = field(default_factory=dict)
    accounts: tuple[Mapping[str, Any], ...] = ()
    owners: Mapping[str, Holder] = field(default_factory=dict)
    """Account → who has it."""
    territories: Mapping[str, Holder] = field(default_factory=dict)
    """Territory → who has it."""
    placed: Mapping[str, Placed] = field(default_factory=dict)
    """State → where the plan puts it."""
    pools: Mapping[str, Members] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    """Account or address → who had the last one."""
    turns: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        schema = ("account_id", "name", "domain", "city", "status", "open_opportunities", "updated_on", "parent_id")
        rows = [{name: row.get(name) for name in schema} for row in self.accounts]
        self.index = AccountIndex(pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String)))

    def ask(self, question: Any) -> Any:
        match question:
            case Candidates():
                return self.index.candidates(question.identity, question.at_least)
            case OwnerOf():
                return self.owners.get(question.account_id) if question.role == "owner" else None
            case HolderOf():
                return self.territories.get(question.territory_id)
            case Placing():
                return self.placed.get(str(question.fields.get("state")), Placed())
            case StandingOf():
                return self.people.get(question.person_id)
            case LoadOf():
                return self.loads.get(question.person_id, Load())
            case MembersOf():
                return self.pools.get(question.pool)
            case TurnsOf():
                return self.turns.get(question.pool_id)
            case LastHad():
                return self.last.get(question.account_id or "") or self.last.get(question.email or "")
        raise AssertionError(f"nobody taught this world {question}")

    def keep(self, decision: Decision) -> None:
        """Keep the counters, and who had it."""
        for turn in decision.turns:
            self.turns[turn.pool_id] = turn.state
        if decision.person_id is not None:
            before = self.loads.get(decision.person_id, Load())
            self.loads[decision.person_id] = Load(day=before.day + 1, open=before.open + 1)
