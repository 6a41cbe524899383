"""The stages a route is made of, a file a stage; each is one line in `STAGES`."""

from patchbook.routing.stage import Case, Result, Stage
from patchbook.routing.stages.by_motion import ByMotion
from patchbook.routing.stages.global_owner import GlobalOwner
from patchbook.routing.stages.manager import Manager
from patchbook.routing.stages.match import Match
from patchbook.routing.stages.owner import Owner
from patchbook.routing.stages.partner_of_record import PartnerOfRecord
from patchbook.routing.stages.person import Person
from patchbook.routing.stages.pool import Pool
from patchbook.routing.stages.sticky import Sticky
from patchbook.routing.stages.territory import ByTerritory

STAGES: tuple[type[Stage], ...] = (
    Match,
    PartnerOfRecord,
    GlobalOwner,
    ByMotion,
    Owner,
    Sticky,
    ByTerritory,
    Pool,
    Person,
    Manager,
)
"""In the order they usually stand in a route. After the last always comes the orphan queue."""

__all__ = [
    "STAGES",
    "ByMotion",
    "ByTerritory",
    "Case",
    "GlobalOwner",
    "Manager",
    "Match",
    "Owner",
    "PartnerOfRecord",
    "Person",
    "Pool",
    "Result",
    "Stage",
    "Sticky",
]
