"""A plan of rules over the market of `builders.plans`, with a fault of every common kind in it."""

from __future__ import annotations

from builders.plans import a_draft
from patchbook.db.record import Record
from patchbook.plans.life import RecordedPlan

RULES = """plan: Inside 2027
effective: 2027-02-01
accounts: accounts.csv
people: people.csv
measures:
  potential: {from: revenue_usd, tolerance: 30%}
layers:
  - named: strategic.csv
  # Everything large, wherever it is.
  - rule: {territory: Large, where: "revenue_usd >= 150", person: ann}
  # The South is ours.
  - rule:
      territory: South
      where: "state IN ('TX', 'FL', 'GA')"   # as agreed
      person: cy
  - rule: {territory: Texas, where: "state = 'TX'"}
  - house: rest
"""
"""Large and South overlap; Texas never wins, since South comes first."""


def a_rule_book(record: Record, document: str = RULES) -> RecordedPlan:
    """A draft of rules that is not carved yet."""
    return a_draft(record, document)
