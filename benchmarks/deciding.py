"""The processor time of one decision, without what the company answers: `routing.decide` over dictionaries.

    python -m benchmarks.deciding [--members 20] [--leads 5000] [--json]

The route is match, owner, sticky, territory, pool, and nearly every lead goes all the way to the pool, whose members
are all asked about, with two caps. Matching is left out: `benchmarks.matching` measures it.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np

from patchbook.routing.decide import decide
from patchbook.routing.lead import Lead
from patchbook.routing.question import Noted
from patchbook.routing.questions import Load, Member, Members, Placed, Standing
from patchbook.routing.route import Cap, Route, Routing
from patchbook.routing.stages import ByTerritory, Match, Owner, Pool, Sticky

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
ROUTING = Routing(
    routes=(Route(name="all", stages=(Match(), Owner(), Sticky(), ByTerritory(), Pool(pool="pool"))),),
    caps=(Cap(name="daily", per="day", at_most=1e9), Cap(name="open", per="open", at_most=1e9)),
)


class Answers:
    """Answers at once, and keeps the counters."""

    def __init__(self, members: int) -> None:
        people = [Standing(person_id=f"p{number}", name=f"Person {number}") for number in range(members)]
        self.people = {one.person_id: one for one in people}
        weights = [Member(person_id=one.person_id, weight=1 + number % 3) for number, one in enumerate(people)]
        self.pool = Members(pool_id="pool", name="Pool", members=tuple(weights))
        self.turns: Any = None

    def ask(self, question: Any) -> Any:
        """The answer."""
        match question.name:
            case "standing":
                return self.people[question.person_id]
            case "load":
                return Load()
            case "members":
                return self.pool
            case "turns":
                return self.turns
            case "placing":
                return Placed()
            case "candidates":
                return ()
        return None


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.members, options.leads)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"a pool of {options.members}, {options.leads:,} leads")
    print(f"  one decision, p50            {figures['p50_microseconds']:8.0f} µs")
    print(f"  one decision, p99            {figures['p99_microseconds']:8.0f} µs")
    print(f"  with answers noted, p50      {figures['noted_p50_microseconds']:8.0f} µs")


def measure(members: int, leads: int) -> dict[str, float]:
    """All figures of one run."""
    plain, noted = (times(members, leads, keeps) for keeps in (False, True))
    return {
        "p50_microseconds": float(np.percentile(plain, 50)) * 1e6,
        "p99_microseconds": float(np.percentile(plain, 99)) * 1e6,
        "noted_p50_microseconds": float(np.percentile(noted, 50)) * 1e6,
    }


def times(members: int, leads: int, keeps: bool) -> list[float]:
    """Processor seconds of each decision."""
    world = Answers(members)
    took = []
    for number in range(leads):
        fields = {"email": f"ann{number}@gmail.com", "name": f"Company {number}"}
        lead = Lead(lead_id=str(number), source="bench", source_id=str(number), received_at=NOW, fields=fields)
        start = time.thread_time()
        decision = decide(lead, ROUTING, Noted(world) if keeps else world, at=NOW)
        took.append(time.thread_time() - start)
        world.turns = decision.turns[0].state
    return took


if __name__ == "__main__":
    main()
