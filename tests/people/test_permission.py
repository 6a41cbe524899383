"""Who may do what, and where: every deed, every role, inside and outside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from builders.roles import ACCOUNTS, MONDAY, START, TREE, somebody
from patchbook.access.grants import grant, revoke
from patchbook.errors import NotAllowed, NotFound
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people import permission
from patchbook.people.permission import MAY, Deed, allow, allow_somewhere, reached, visible_plans
from patchbook.people.principal import Grant, Principal, Role, system
from patchbook.people.store import person
from patchbook.plans.store import plan, plan_invite
from patchbook.territories.store import place, pool, territory

ALL = "ada paul max mia eva rob rita emil fay vic"
EVERYWHERE = "everywhere"
INSIDE = "inside"
NEVER = "never"

# Deed: what each role may, in the order admin, planner, manager, rep, finance, viewer.
TABLE = {
    Deed.SEE: (EVERYWHERE, EVERYWHERE, INSIDE, INSIDE, EVERYWHERE, EVERYWHERE),
    Deed.SEE_EVERYONE: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, EVERYWHERE, EVERYWHERE),
    Deed.IMPORT: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.EDIT_PEOPLE: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.EDIT_TERRITORIES: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.EDIT_PLAN: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.PROPOSE: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, NEVER, NEVER),
    Deed.COMMIT: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.APPROVE: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, NEVER, NEVER),
    Deed.CHALLENGE: (EVERYWHERE, EVERYWHERE, INSIDE, INSIDE, NEVER, NEVER),
    Deed.DECIDE: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, NEVER, NEVER),
    Deed.REQUEST_EXCEPTION: (EVERYWHERE, EVERYWHERE, INSIDE, INSIDE, NEVER, NEVER),
    Deed.COMMENT: (EVERYWHERE, EVERYWHERE, INSIDE, INSIDE, NEVER, NEVER),
    Deed.PUBLISH: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.ROLL_BACK: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.CHANGE_PEOPLE: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, NEVER, NEVER),
    Deed.ROUTE: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.RUN_JOBS: (EVERYWHERE, EVERYWHERE, NEVER, NEVER, NEVER, NEVER),
    Deed.WORK_LEADS: (EVERYWHERE, EVERYWHERE, INSIDE, INSIDE, NEVER, NEVER),
    Deed.REASSIGN_LEADS: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, NEVER, NEVER),
    Deed.SEE_CREDIT: (EVERYWHERE, EVERYWHERE, INSIDE, NEVER, EVERYWHERE, NEVER),
    Deed.SEE_AUDIT: (EVERYWHERE, NEVER, NEVER, NEVER, NEVER, NEVER),
    Deed.GRANT: (EVERYWHERE, NEVER, NEVER, NEVER, NEVER, NEVER),
    Deed.ADMINISTER: (EVERYWHERE, NEVER, NEVER, NEVER, NEVER, NEVER),
}
WHO = dict(zip(TABLE_ORDER := ("ada", "paul", "mia", "rob", "fay", "vic"), range(6), strict=True))


@pytest.fixture
def tx(company_tx):
    return company_tx


def test_every_deed_has_its_row():
    assert set(TABLE) == set(Deed) == set(MAY)


def outcome(tx, who, deed, territory):
    try:
        allow(tx, somebody(tx, who), deed, at=MONDAY, territory=territory)
    except (NotAllowed, NotFound) as refused:
        return type(refused)
    return "passes"


def test_every_role_may_what_its_row_says_and_nowhere_else(tx):
    inside, outside = "east", "north"

    for deed, row in TABLE.items():
        for who, column in WHO.items():
            here, there, whole = (outcome(tx, who, deed, place) for place in (inside, outside, None))
            expected = {
                EVERYWHERE: ("passes", "passes", "passes"),
                INSIDE: ("passes", NotFound, NotAllowed),
                NEVER: (NotAllowed, NotAllowed, NotAllowed),
            }[row[column]]
            assert (here, there, whole) == expected, f"{who}: {deed}"


def test_a_place_out_of_reach_is_refused_like_one_that_is_not_there(tx):
    with pytest.raises(NotFound) as forbidden:
        allow(tx, somebody(tx, "mia"), Deed.PROPOSE, at=MONDAY, territory="north")
    with pytest.raises(NotFound) as unknown:
        allow(tx, somebody(tx, "mia"), Deed.PROPOSE, at=MONDAY, territory="nowhere")

    assert str(forbidden.value).replace("north", "nowhere") == str(unknown.value)


def test_a_refusal_says_who_may(tx):
    with pytest.raises(NotAllowed, match="Only admins and planners may publish"):
        allow(tx, somebody(tx, "mia"), Deed.PUBLISH, at=MONDAY)
    with pytest.raises(NotAllowed, match="for the whole company takes a role that is not limited"):
        allow(tx, somebody(tx, "mia"), Deed.APPROVE, at=MONDAY)


def test_somewhere_asks_for_no_place(tx):
    allow_somewhere(somebody(tx, "rob"), Deed.SEE)
    with pytest.raises(NotAllowed):
        allow_somewhere(somebody(tx, "rob"), Deed.APPROVE)
    with pytest.raises(NotAllowed):
        allow_somewhere(Principal(person_id="nobody"), Deed.SEE)


def test_a_token_may_only_what_it_names_and_its_person_may(tx):
    ada = somebody(tx, "ada")
    token = Principal(person_id=ada.person_id, grants=ada.grants, token_scopes=frozenset({"see", "publish"}))
    reps = Principal(person_id="rob", grants=(Grant(Role.REP),), token_scopes=frozenset({"publish"}))

    allow(tx, token, Deed.PUBLISH, at=MONDAY)
    with pytest.raises(NotAllowed, match="This token may not grant roles; it is limited to publish, see"):
        allow(tx, token, Deed.GRANT, at=MONDAY)
    with pytest.raises(NotAllowed, match="Only admins and planners"):
        allow(tx, reps, Deed.PUBLISH, at=MONDAY)


SEEN = {
    "ada": set(TREE),
    "paul": set(TREE),
    "fay": set(TREE),
    "vic": set(TREE),
    "max": {"east", "west", "north"},
    "mia": {"east", "west"},
    "eva": {"north"},
    "rob": {"east"},
    "rita": {"west"},
    "emil": {"north"},
}


@pytest.mark.parametrize("who", SEEN)
def test_everybody_sees_their_territories_and_accounts_and_no_others(tx, who):
    by = somebody(tx, who)

    assert territories(tx, by) == SEEN[who]
    assert accounts(tx, by) == {account for account, name in ACCOUNTS.items() if name in SEEN[who]}
    assert reached(tx, by, TREE, at=MONDAY) == SEEN[who]


def territories(tx, by, at=MONDAY):
    query = permission.scope(select(place.c.territory_id), by, territory=place.c.territory_id, at=at)
    return set(tx.execute(query).scalars())


def accounts(tx, by, at=MONDAY):
    query = select(assignment.c.account_id)
    columns = {"account": assignment.c.account_id, "territory": assignment.c.territory_id}
    return set(tx.execute(permission.account_scope(query, by, **columns, at=at)).scalars())


def people(tx, by, at=MONDAY):
    query = select(person.c.person_id).where(permission.in_people_scope(by, person_id=person.c.person_id, at=at))
    return set(tx.execute(query).scalars())


def test_a_granted_territory_reaches_all_below_it(tx):
    grant(tx, "mia", Role.MANAGER, territory_id="emea", by=system(), at=MONDAY)
    grant(tx, "rob", Role.PLANNER, territory_id="americas", by=system(), at=MONDAY)

    assert territories(tx, somebody(tx, "mia")) == {"east", "west", "emea", "north"}
    assert territories(tx, somebody(tx, "rob")) == {"americas", "east", "west"}
    allow(tx, somebody(tx, "rob"), Deed.EDIT_TERRITORIES, at=MONDAY, territory="west")
    with pytest.raises(NotFound):
        allow(tx, somebody(tx, "rob"), Deed.EDIT_TERRITORIES, at=MONDAY, territory="north")


def test_a_role_for_one_deed_does_not_widen_another(tx):
    """Rob plans the Americas and sells in the east: as a planner he edits, as a rep he may not."""
    grant(tx, "emil", Role.PLANNER, territory_id="americas", by=system(), at=MONDAY)
    emil = somebody(tx, "emil")

    assert territories(tx, emil) == {"north", "americas", "east", "west"}
    assert reached(tx, emil, TREE, deed=Deed.EDIT_PLAN, at=MONDAY) == {"americas", "east", "west"}
    assert reached(tx, emil, TREE, deed=Deed.GRANT, at=MONDAY) == frozenset()
    with pytest.raises(NotFound):
        allow(tx, emil, Deed.EDIT_PLAN, at=MONDAY, territory="north")


def test_what_was_taken_away_is_gone_at_once(tx):
    grant(tx, "rob", Role.PLANNER, by=system(), at=MONDAY)
    assert territories(tx, somebody(tx, "rob")) == set(TREE)

    revoke(tx, "rob", Role.PLANNER, by=system(), at=MONDAY)

    assert territories(tx, somebody(tx, "rob")) == {"east"}


def test_who_stands_in_at_a_vacant_seat_sees_its_territory(tx):
    lay(tx, staffing, [{**said(), "seat_id": "seat-north", "interim_id": "rob"}], at=MONDAY)

    assert territories(tx, somebody(tx, "rob")) == {"east", "north"}
    assert territories(tx, somebody(tx, "emil")) == set()


def test_members_of_a_pool_see_its_territory(tx):
    members = [{"person_id": "rob", "weight": 1}, {"person_id": 'o"brien', "weight": 2}]
    tx.execute(insert(pool).values(pool_id="pool-1", name="Inbound", members=members, revision=1))
    lay(tx, staffing, [{**said(), "seat_id": "seat-north", "pool_id": "pool-1"}], at=MONDAY)

    assert territories(tx, somebody(tx, "rob")) == {"east", "north"}
    assert territories(tx, somebody(tx, "rita")) == {"west"}
    assert accounts(tx, somebody(tx, "mia")) == {"a1", "a2", "a3"}  # Rob reports to her


def test_who_covers_somebody_sees_what_they_see_and_no_longer(tx):
    until = MONDAY + timedelta(days=14)
    lay(tx, cover, [{**said(), "valid_to": until, "person_id": "emil", "cover_id": "rob"}], at=MONDAY)
    lay(tx, cover, [{**said(), "valid_to": until, "person_id": "mia", "cover_id": "eva"}], at=MONDAY)
    rob, eva = somebody(tx, "rob"), somebody(tx, "eva")

    assert territories(tx, rob) == {"east", "north"}
    assert territories(tx, eva) == {"north", "east", "west"}
    assert territories(tx, rob, at=until) == {"east"}
    assert territories(tx, eva, at=until) == {"north"}


def test_a_rep_who_covers_a_manager_does_not_become_one(tx):
    lay(tx, cover, [{**said(), "person_id": "mia", "cover_id": "emil"}], at=MONDAY)

    assert territories(tx, somebody(tx, "emil")) == {"north"}


@pytest.mark.parametrize("kind", ["exception", "holdover", "cover", "named"])
def test_an_account_given_to_somebody_is_seen_by_them_and_their_manager(tx, kind):
    fact = {**said(), "account_id": "a3", "role": "owner", "person_id": "rob", "kind": kind}
    lay(tx, override, [fact], at=MONDAY)

    assert accounts(tx, somebody(tx, "rob")) == {"a1", "a3"}
    assert accounts(tx, somebody(tx, "mia")) == {"a1", "a2", "a3"}
    assert accounts(tx, somebody(tx, "rita")) == {"a2"}

    lift(tx, override, [{**fact, "valid_to": MONDAY + timedelta(days=365)}], at=MONDAY)

    assert accounts(tx, somebody(tx, "rob")) == {"a1"}


def test_people_see_those_they_manage_and_those_beside_them(tx):
    assert people(tx, somebody(tx, "rob")) == {"rob"}
    assert people(tx, somebody(tx, "mia")) == {"mia", "rob", "rita"}
    assert people(tx, somebody(tx, "max")) == {"max", "mia", "eva", "rob", "rita", "emil"}
    assert people(tx, somebody(tx, "vic")) == set(ALL.split())


def test_a_manager_of_managers_reaches_every_level_however_deep(tx):
    tx.execute(insert(territory), [{"territory_id": f"deep-{level}", "made_at": START} for level in range(50)])
    parents = ["east", *(f"deep-{level}" for level in range(49))]
    facts = [
        {
            "valid_from": MONDAY,
            "reason": "a test",
            "territory_id": f"deep-{level}",
            "parent_id": parents[level],
            "name": f"Deep {level}",
            "kind": "group",
        }
        for level in range(50)
    ]
    lay(tx, place, facts, at=START)

    assert len(territories(tx, somebody(tx, "max"))) == 3 + 50
    assert territories(tx, somebody(tx, "rob")) == {"east"}  # a rep works where they are seated, and not below


def test_somebody_who_left_may_nothing(tx):
    """Their roles stay on paper; not one of them counts once employment is over."""
    from patchbook.people.store import employment

    lift(tx, employment, [{"person_id": "paul", "valid_from": MONDAY}], at=MONDAY)

    assert somebody(tx, "paul").grants == ()
    with pytest.raises(NotAllowed):
        allow(tx, somebody(tx, "paul"), Deed.SEE, at=MONDAY)


def said():
    return {"valid_from": MONDAY, "cause": "test", "source": "test", "reason": "a test"}


def test_postgresql_counts_a_tree_that_was_just_laid(postgresql_record):
    """Without a count its planner guesses two rows, and a manager's scope over 10,000 territories takes seconds."""
    many = 1_200
    with postgresql_record.writing() as tx:
        tx.execute(insert(territory), [{"territory_id": f"t{number}", "made_at": START} for number in range(many)])
        facts = [
            {
                "valid_from": START,
                "reason": "a test",
                "territory_id": f"t{number}",
                "name": f"T{number}",
                "kind": "group",
            }
            for number in range(many)
        ]
        lay(tx, place, facts, at=START)

        assert tx.execute(text("SELECT reltuples FROM pg_class WHERE relname = 'place'")).scalar() == many


def test_a_draft_is_there_for_who_may_see_it_and_for_nobody_else(tx):
    values = {"status": "draft", "revision": 1, "document": "", "seed": 1, "seconds": 1.0, "made_at": START}
    for plan_id, confidential in (("open", False), ("secret", True)):
        told = {"plan_id": plan_id, "name": plan_id, "owner_id": "vic", "made_by": "vic", "confidential": confidential}
        tx.execute(insert(plan).values(**values, **told))
    tx.execute(insert(plan_invite).values(plan_id="secret", person_id="mia"))
    grant(tx, "emil", Role.PLANNER, territory_id="emea", by=system(), at=MONDAY)

    seen = {who: set(tx.execute(visible_plans(somebody(tx, who), at=MONDAY)).scalars()) for who in ALL.split()}

    both, none = {"open", "secret"}, set()
    expected = {"ada": both, "vic": both, "paul": {"open"}, "mia": {"secret"}}
    assert seen == {who: expected.get(who, none) for who in ALL.split()}
