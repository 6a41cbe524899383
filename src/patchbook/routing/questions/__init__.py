"""What a decision may ask about the company: a file a subject, each question with the type of its answer."""

from patchbook.routing.questions.accounts import Candidate, Candidates, Identity
from patchbook.routing.questions.owners import Holder, HolderOf, OwnerOf
from patchbook.routing.questions.people import Load, LoadOf, Standing, StandingOf
from patchbook.routing.questions.pools import LastHad, Member, Members, MembersOf, TurnsOf
from patchbook.routing.questions.territories import Placed, Placing, Territory

__all__ = [
    "Candidate",
    "Candidates",
    "Holder",
    "HolderOf",
    "Identity",
    "LastHad",
    "Load",
    "LoadOf",
    "Member",
    "Members",
    "MembersOf",
    "OwnerOf",
    "Placed",
    "Placing",
    "Standing",
    "StandingOf",
    "Territory",
    "TurnsOf",
]
