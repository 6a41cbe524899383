"""Rules of engagement in the company of `builders.together`, with a house nobody works."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from builders.together import HIRED, MONDAY, the_teams, the_territories
from patchbook.leads.tables import routing
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, staffing
from patchbook.territories.store import place, seat, territory

RULES = """\
engagement:
  motions: {inbound: [sdr, owner], renewal: [csm, owner]}
  registrations: {days: 60, extension_days: 20, most_per_partner: 2}
  time_outs:
    - {days: 30, warning_days: 10, returns_to: House, territories: [Field]}
  claims: {territories: [House], in_force: 2, per_week: 2, days: 90, cool_down_days: 30}
  deals:
    rules:
      - {name: Large deals, where: amount_usd >= 100000, territory: East}
      - {name: Named deals, where: "deal LIKE 'Named%'", territory: Middle}
    locked_at: [Contract]
  notes: ["Call before you write."]
"""


def a_field(tx: Connection, rules: str = RULES) -> None:
    """Everybody, the territories of today, a house with H1 to H4, and the rules."""
    the_teams(tx)
    the_territories(tx)
    told = {"valid_from": HIRED, "reason": "founded"}
    tx.execute(insert(territory), [{"territory_id": "house", "made_at": HIRED}])
    lay(tx, place, [{"territory_id": "house", "parent_id": None, "name": "House", "kind": "house", **told}], at=HIRED)
    why = {**told, "cause": "publish", "source": ""}
    lay(tx, assignment, [{"account_id": f"H{n}", "territory_id": "house", **why} for n in range(1, 5)], at=HIRED)
    set_rules(tx, rules)


def set_rules(tx: Connection, rules: str, *, at: datetime = MONDAY) -> int:
    """A new version of the routing document."""
    version = len(tx.execute(select(routing.c.version)).all()) + 1
    tx.execute(insert(routing).values(version=version, document=rules, by="ada", at=at, why="as agreed"))
    return version


def a_seat(tx: Connection, where: str, role: str, who: str) -> None:
    """Another seat at a territory, filled since everybody was hired."""
    tx.execute(insert(seat), [{"seat_id": f"{where}-{role}", "territory_id": where, "role": role, "made_at": HIRED}])
    told = {"valid_from": HIRED, "cause": "hire", "source": "", "reason": "first staffing"}
    lay(tx, staffing, [{"seat_id": f"{where}-{role}", "person_id": who, **told}], at=HIRED)


def after(days: float) -> datetime:
    """So many days after the Monday all begins."""
    return MONDAY + timedelta(days=days)
