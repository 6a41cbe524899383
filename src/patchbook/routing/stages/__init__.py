"""The stages a route is made of, a file a stage; each is one line in `STAGES`."""

from patchbook.routing.stages.match import Match
from patchbook.routing.stages.owner import Owner
from patchbook.routing.stages.person import Person
from patchbook.routing.stages.stage import Case, Result, Stage
from patchbook.routing.stages.territory import ByTerritory

STAGES: tuple[type[Stage], ...] = (Match, Owner, ByTerritory, Person)
"""In the order they usually stand in a route."""

__all__ = ["STAGES", "ByTerritory", "Case", "Match", "Owner", "Person", "Result", "Stage"]
