"""The stages a route is made of, a file a stage; each is one line in `STAGES`."""

from patchbook.routing.stage import Case, Result, Stage
from patchbook.routing.stages.manager import Manager
from patchbook.routing.stages.match import Match
from patchbook.routing.stages.owner import Owner
from patchbook.routing.stages.person import Person
from patchbook.routing.stages.pool import Pool
from patchbook.routing.stages.sticky import Sticky
from patchbook.routing.stages.territory import ByTerritory

STAGES: tuple[type[Stage], ...] = (Match, Owner, Sticky, ByTerritory, Pool, Person, Manager)
"""In the order they usually stand in a route. After the last always comes the orphan queue."""

__all__ = [
    "STAGES",
    "ByTerritory",
    "Case",
    "Manager",
    "Match",
    "Owner",
    "Person",
    "Pool",
    "Result",
    "Stage",
    "Sticky",
]
