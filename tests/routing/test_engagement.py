"""Business goes to whom the rules of engagement name, and the decision says by which of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from patchbook.routing.decide import decide
from patchbook.routing.engagement import BadEngagement, Claims, Engagement, Registrations, TimeOut
from patchbook.routing.lead import Kind, Lead, Motion
from patchbook.routing.question import Noted, Remembered
from patchbook.routing.questions.accounts import Candidate, Candidates
from patchbook.routing.questions.engagement import Family, FamilyOf, PartnerOf, Registered
from patchbook.routing.questions.owners import Holder, OwnerOf
from patchbook.routing.questions.people import Standing, StandingOf
from patchbook.routing.route import Route, Routing
from patchbook.routing.stages import ByMotion, GlobalOwner, Match, PartnerOfRecord

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)


class Company:
    """Acme, of a family in two countries: who has which role at it."""

    def __init__(self, *, registered: Registered | None = None, away: str = "", **roles: str) -> None:
        self.registered, self.roles, self.away = registered, roles, away

    def ask(self, question):
        match question:
            case Candidates():
                return (Candidate(account_id="A1", name="Acme", score=0.9),)
            case PartnerOf():
                return self.registered
            case FamilyOf():
                return Family(head_id="A0", sites=3, countries=("DE", "US"))
            case OwnerOf(account_id="A0"):
                return Holder(person_id="henry")
            case OwnerOf():
                who = self.roles.get(question.role)
                return None if who is None else Holder(person_id=who, territory_id="east", territory="East")
            case StandingOf():
                return Standing(
                    person_id=question.person_id, name=question.person_id.title(),
                    is_employed=question.person_id != self.away,
                )  # fmt: skip
        return None


def route(stage, motion=Motion.INBOUND, *, kind=Kind.LEAD, engagement=None, **company):
    lead = Lead(
        lead_id="l1", source="web", source_id="1", kind=kind, motion=motion, received_at=MONDAY,
        fields={"domain": "acme.com"},
    )  # fmt: skip
    stages = (Match(), stage)
    routing = Routing(routes=(Route(name="all", stages=stages),), engagement=engagement or Engagement())
    world = Noted(Company(**company))
    found = decide(lead, routing, world, at=MONDAY)
    assert decide(lead, routing, Remembered(world.answers), at=MONDAY) == found, "a replay decides the same"
    return found.person_id, found.says if found.person_id else found.steps[-2].says


@pytest.mark.parametrize(
    ("motion", "kind", "who", "says"),
    [
        (Motion.RENEWAL, Kind.LEAD, "cy", "renewal business belongs to the customer success manager."),
        (Motion.EXPANSION, Kind.LEAD, "olga", "expansion business belongs to the account's owner, as Acme has no am."),
        (Motion.NEW_BUSINESS, Kind.LEAD, "olga", "new business business belongs to the account's owner."),
        (Motion.INBOUND, Kind.CASE, "cy", "a case belongs to the customer success manager, as Acme has no service."),
    ],
)
def test_each_motion_has_its_owner(motion, kind, who, says):
    found = route(ByMotion(), motion, kind=kind, owner="olga", csm="cy")

    says = says.replace("new business business", "new business")
    assert found == (who, f"It goes to {who.title()}: {says}")


def test_who_has_left_is_passed_over_and_said_so():
    found = route(ByMotion(), Motion.RENEWAL, owner="olga", csm="cy", away="cy")

    assert found[0] == "olga"
    assert "renewal business belongs to the account's owner, as Acme has no csm and am" in found[1]


def test_where_nobody_is_the_stage_passes_and_names_whom_it_looked_for():
    assert route(ByMotion(), Motion.RENEWAL) == (None, "Acme has no csm, am and owner who could have renewal business.")


def test_a_registration_in_force_sends_partner_sourced_and_inbound_to_who_looks_after_the_partner():
    registered = Registered(registration_id="r", partner="Resale", person_id="pam", deal="Big", until="2027-03-01")
    stage, company = PartnerOfRecord(), {"registered": registered, "owner": "olga"}

    assert route(stage, Motion.PARTNER_SOURCED, **company) == (
        "pam",
        "It goes to Pam: Resale registered 'Big' on Acme, in force until 2027-03-01.",
    )
    assert route(stage, Motion.INBOUND, **company)[0] == "pam"
    assert route(stage, Motion.RENEWAL, **company) == (None, "Registrations do not count for renewal business.")
    assert route(stage, owner="olga") == (None, "No partner has a registration in force on Acme.")


def test_a_multinational_goes_to_its_global_owner_and_the_answer_names_the_regional_one():
    everywhere, regional = GlobalOwner(), GlobalOwner(regional_first=True)
    roles = {"owner": "olga", "global": "gia"}

    assert route(everywhere, **roles) == (
        "gia",
        "It goes to Gia: Acme belongs to a family of 3 accounts in DE and US that is theirs everywhere; Olga owns this"
        " site.",
    )
    assert route(regional, **roles) == (
        "olga",
        "It goes to Olga: Acme is a site of a family of 3 accounts in DE and US, whose global owner is Gia.",
    )
    assert route(everywhere, owner="olga")[0] == "henry", "without a global owner, the owner of the head"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Registrations(days=0), "A registration lasts 0 days; say a number from 1 to 3,650."),
        (lambda: TimeOut(days=5, warning_days=5, returns_to="House"), "say a number from 1 to 4."),
        (lambda: Claims(in_force=0), "A person may have 0 claims in force; the least is 1."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(make, message):
    with pytest.raises(BadEngagement, match=message):
        make()
