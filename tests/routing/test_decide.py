"""Who gets a lead: golden decisions of one small company, and what holds of every decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.worlds import MONDAY, SmallWorld, a_lead
from patchbook.routing.decide import DEFAULT, decide
from patchbook.routing.lead import Kind, Lead
from patchbook.routing.question import Noted, Remembered
from patchbook.routing.questions import Holder, Load, Member, Members, Placed, Standing, Territory
from patchbook.routing.route import Cap, Choose, Hours, Leave, Needs, Nobody, PoolRules, Route, Routing, Taking, Terms
from patchbook.routing.stages import STAGES, ByTerritory, Manager, Match, Owner, Person, Pool, Sticky
from patchbook.rules import parse

BACK = datetime(2027, 1, 11, tzinfo=UTC)
MORNING = datetime(2027, 1, 5, 8, tzinfo=UTC)
WEST, EAST, SOUTH = (Territory(territory_id=name.lower(), name=name) for name in ("West", "East", "South"))


def a_pool(pool_id: str, *people: str) -> Members:
    members = tuple(Member(person_id=person_id) for person_id in people)
    return Members(pool_id=pool_id, name=pool_id.title(), members=members)


def a_company() -> SmallWorld:
    people = [
        Standing(person_id="ann", name="Ann", manager_id="max", languages=("English", "French")),
        Standing(person_id="bob", name="Bob", manager_id="max", languages=("English",), skills=("cloud",)),
        Standing(person_id="cat", name="Cat", manager_id="max", languages=("English",), products=("Anvil",)),
        Standing(person_id="dan", name="Dan", manager_id="max", away_until=BACK, acting_id="bob"),
        Standing(person_id="eve", name="Eve", manager_id="max", is_employed=False),
        Standing(person_id="fay", name="Fay", manager_id="max", is_paused=True),
        Standing(person_id="gus", name="Gus", manager_id="max", is_working=False, works_from=MORNING),
        Standing(person_id="max", name="Max"),
    ]
    return SmallWorld(
        people={one.person_id: one for one in people},
        accounts=(
            {"account_id": "acme", "name": "Acme Inc", "domain": "acme.com", "status": "Customer"},
            {"account_id": "acme-old", "name": "Acme Inc", "domain": "acme.com"},
            {"account_id": "bolt", "name": "Bolt LLC", "domain": "bolt.com"},
            {"account_id": "coil", "name": "Coil AG", "domain": "coil.de"},
            {"account_id": "dyno", "name": "Dyno", "domain": "dyno.com"},
            {"account_id": "ebb", "name": "Ebb", "domain": "ebb.com"},
        ),
        owners={
            "acme": Holder(person_id="ann", territory_id="west", territory="West"),
            "bolt": Holder(person_id="dan", territory_id="east", territory="East", because="holdover"),
            "coil": Holder(pool_id="desk", territory_id="west", territory="West"),
            "dyno": Holder(person_id="eve", territory_id="east", territory="East"),
        },
        territories={
            "west": Holder(person_id="ann"),
            "east": Holder(person_id="gus"),
            "south": Holder(person_id="cat", because="interim"),
        },
        placed={
            "CA": Placed(territories=(WEST,), says="rule 1: state = 'CA'."),
            "NY": Placed(territories=(EAST,)),
            "TX": Placed(territories=(WEST, SOUTH), says="West and South fit alike."),
            "FL": Placed(territories=(SOUTH,)),
        },
        pools={
            "desk": a_pool("desk", "ann", "bob"),
            "gone": a_pool("gone", "eve", "fay"),
            "late": a_pool("late", "gus", "eve"),
            "all": a_pool("all", "ann", "bob", "cat", "dan", "eve", "fay", "gus"),
            "none": a_pool("none"),
        },
        last={"old@friend.com": "cat"},
    )


NEXT = Terms(hours=Hours.NEXT, leave=Leave.NEXT)


def about(product: str) -> Taking:
    return Taking(where=parse(f"product = '{product}'"))


GOLDEN = Routing(
    routes=(
        Route(
            name="cases",
            takes=Taking(kinds=(Kind.CASE,)),
            stages=(Match(), Owner(role="service"), Pool(pool="desk")),
        ),
        Route(name="cloud", takes=about("Cloud"), needs=Needs(skills=("cloud",)), stages=(Pool(pool="all"),)),
        Route(name="gone", takes=about("gone"), stages=(Pool(pool="gone"), Manager())),
        Route(
            name="held",
            takes=about("held"),
            stages=(Pool(pool="late", terms=replace(NEXT, hours=Hours.HOLD)), Person(person="max")),
        ),
        Route(
            name="anyway",
            takes=about("anyway"),
            stages=(Pool(pool="late", terms=replace(NEXT, if_nobody=Nobody.ANYWAY)),),
        ),
        Route(
            name="queued",
            takes=about("queued"),
            stages=(Pool(pool="late", terms=replace(NEXT, if_nobody=Nobody.QUEUE)), Person(person="max")),
        ),
        Route(
            name="managed",
            takes=about("managed"),
            stages=(Pool(pool="late", terms=replace(NEXT, if_nobody=Nobody.MANAGER)),),
        ),
        Route(name="empty", takes=about("empty"), stages=(Pool(pool="none"), Pool(pool="nil"))),
        Route(name="leads", stages=(Match(), Owner(), Sticky(), ByTerritory(), Pool(pool="all"), Person(person="max"))),
    )
)


def golden() -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "decisions.txt").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in text.split("\n\n") if block and not block.startswith("#")]
    return [(lines[0], "\n".join(lines[1:])) for lines in blocks]


def told(line: str) -> str:
    """The decision on a lead, as the golden file tells it."""
    given = dict(part.split("=", 1) for part in line.removesuffix(";").split(", ")) if line != ";" else {}
    lead = a_lead(kind=Kind(given.pop("kind", "lead")), **given)
    decision = decide(lead, GOLDEN, a_company(), at=MONDAY)
    where = f"{decision.person_id or 'nobody'} by {decision.stage} of {decision.route}"
    held = [f"held until {decision.holds_until:%Y-%m-%d %H:%M}"] if decision.holds_until else []
    steps = [f"{step.stage}: {step.says}" for step in decision.steps]
    return "\n".join([where, *held, *steps, *(f"passed over {one.person_id}: {one.why}" for one in decision.skipped)])


@pytest.mark.parametrize(("line", "expected"), golden(), ids=[line for line, _ in golden()])
def test_a_golden_decision_stays_as_it_is(line, expected):
    assert told(line) == expected


def test_every_stage_has_a_name_of_its_own_and_a_sentence():
    keys = [stage.key for stage in STAGES]

    assert len(set(keys)) == len(keys)
    assert all(stage.help.endswith(".") for stage in STAGES)


def test_without_a_document_the_owner_comes_first_then_the_territory_then_the_queue():
    world = a_company()

    owned = decide(a_lead(email="joe@acme.com"), DEFAULT, world, at=MONDAY)
    placed = decide(a_lead(state="CA"), DEFAULT, world, at=MONDAY)
    orphan = decide(a_lead(), DEFAULT, world, at=MONDAY)

    assert (owned.stage, placed.stage, orphan.stage) == ("owner", "territory", "queue")
    assert orphan.is_queued
    assert orphan.says == "Nobody could be given it, so it waits in the orphan queue."


def test_a_lead_no_route_takes_waits_in_the_queue_and_says_so():
    routing = Routing(routes=(Route(name="cases", takes=Taking(kinds=(Kind.CASE,)), stages=(Match(),)),))

    decision = decide(a_lead(), routing, a_company(), at=MONDAY)

    assert decision.is_queued
    assert decision.says == "No route takes it, so it waits in the orphan queue."


SHARING = Routing(routes=(Route(name="pool", stages=(Pool(pool="desk"),)),))


def test_many_leads_at_once_are_shared_as_one_by_one():
    world = a_company()
    got = []
    for number in range(9):
        decision = decide(a_lead(number), SHARING, world, at=MONDAY)
        world.keep(decision)
        got.append(decision.person_id)

    assert got == ["ann", "bob"] * 4 + ["ann"]


@pytest.mark.parametrize(
    ("cap", "load", "why"),
    [
        (Cap(name="daily", per="day", at_most=3), Load(day=3), "Ann has 3 today, and the cap 'daily' allows 3."),
        (
            Cap(name="hourly", per="hour", at_most=1),
            Load(hour=1),
            "Ann has 1 in the last hour, and the cap 'hourly' allows 1.",
        ),
        (
            Cap(name="weekly", per="week", at_most=5),
            Load(week=7),
            "Ann has 7 this week, and the cap 'weekly' allows 5.",
        ),
        (
            Cap(name="monthly", per="month", at_most=5),
            Load(month=5),
            "Ann has 5 this month, and the cap 'monthly' allows 5.",
        ),
        (Cap(name="open", per="open", at_most=10), Load(open=10), "Ann has 10 open, and the cap 'open' allows 10."),
        (
            Cap(name="worth", per="open_value_usd", at_most=1000),
            Load(open_value_usd=900),
            "Ann has 900 US dollars open, and the cap 'worth' allows 1,000.",
        ),
    ],
)
def test_whoever_reached_a_cap_is_passed_over_with_the_figure(cap, load, why):
    world = a_company()
    world.loads["ann"] = load

    decision = decide(a_lead(amount_usd=200.0), replace(SHARING, caps=(cap,)), world, at=MONDAY)

    assert decision.person_id == "bob"
    assert [one.why for one in decision.skipped] == [why]


def test_caps_grow_with_the_share_of_a_seat_somebody_has():
    world = a_company()
    world.people = {
        **world.people,
        "ann": replace(world.people["ann"], share=0.29),
        "bob": replace(world.people["bob"], share=0),
    }
    world.loads["ann"] = Load(day=28)
    routing = replace(SHARING, caps=(Cap(name="daily", per="day", at_most=100),))

    first = decide(a_lead(1), routing, world, at=MONDAY)
    world.keep(first)
    second = decide(a_lead(2), routing, world, at=MONDAY)

    assert first.person_id == "ann"
    assert second.is_queued
    assert "the cap 'daily' allows 29 at a share of 29%" in second.skipped[0].why


def test_a_cap_for_cases_does_not_hold_for_leads_nor_for_others_than_it_names():
    world = a_company()
    world.loads = {"ann": Load(day=9), "bob": Load(day=9)}
    caps = (
        Cap(name="cases", per="day", at_most=1, kinds=(Kind.CASE,)),
        Cap(name="bob's", per="day", at_most=1, people=("bob",)),
    )

    assert decide(a_lead(), replace(SHARING, caps=caps), world, at=MONDAY).person_id == "ann"


def test_the_least_loaded_of_a_pool_comes_first_and_ties_go_in_turn():
    world = a_company()
    world.loads["ann"] = Load(open=2)
    routing = replace(SHARING, pools={"Desk": PoolRules(choose=Choose.FEWEST_OPEN)})
    got = []
    for number in range(6):
        decision = decide(a_lead(number), routing, world, at=MONDAY)
        world.keep(decision)
        got.append(decision.person_id)

    assert got[:2] == ["bob", "bob"]
    assert sorted(got[2:]) == ["ann", "ann", "bob", "bob"]


@pytest.mark.parametrize(("counts", "next_one"), [(frozenset({"owner"}), "bob"), (frozenset(), "ann")])
def test_a_lead_that_went_to_the_owner_counts_in_the_pool_only_when_the_pool_says_so(counts, next_one):
    world = a_company()
    routing = Routing(
        routes=(Route(name="leads", stages=(Match(), Owner(), Pool(pool="desk"))),),
        pools={"desk": PoolRules(counts=counts)},
    )
    world.keep(decide(a_lead(email="joe@acme.com"), routing, world, at=MONDAY))

    assert decide(a_lead(), routing, world, at=MONDAY).person_id == next_one


def test_in_a_pool_that_lets_covers_act_the_cover_gets_it_and_the_turn_is_the_members():
    world = a_company()
    world.pools = {"desk": a_pool("desk", "dan", "cat")}
    routing = Routing(routes=(Route(name="pool", stages=(Pool(pool="desk", terms=replace(NEXT, leave=Leave.COVER)),)),))

    decision = decide(a_lead(), routing, world, at=MONDAY)

    assert decision.person_id == "bob"
    assert decision.turns[0].person_id == "dan"


def test_two_who_act_for_each_other_on_leave_end_in_a_sentence():
    world = a_company()
    away = {
        one: Standing(person_id=one, name=one.title(), away_until=BACK, acting_id=other)
        for one, other in (("ann", "bob"), ("bob", "ann"))
    }
    world.people = {**world.people, **away}

    decision = decide(a_lead(email="joe@acme.com"), DEFAULT, world, at=MONDAY)

    assert decision.is_queued
    assert decision.skipped[-1].why == "Bob is on leave until 2027-01-11, and who acts for them is away as well."


PEOPLE = ("ann", "bob", "cat", "dan")


@st.composite
def worlds(draw) -> SmallWorld:
    world = a_company()
    world.people = {
        one: Standing(
            person_id=one,
            name=one.title(),
            is_employed=draw(st.booleans()) or draw(st.booleans()),
            is_paused=draw(st.integers(0, 5)) == 0,
            away_until=draw(st.sampled_from([None, None, BACK])),
            acting_id=draw(st.sampled_from([None, *PEOPLE])),
            is_working=draw(st.booleans()) or draw(st.booleans()),
            works_from=draw(st.sampled_from([None, MORNING])),
            manager_id=draw(st.sampled_from([None, *PEOPLE])),
            share=draw(st.sampled_from([0.0, 0.5, 1.0])),
            languages=draw(st.sampled_from([(), ("French",)])),
        )
        for one in PEOPLE
    }
    world.loads = {one: Load(day=draw(st.integers(0, 4)), open=draw(st.integers(0, 4))) for one in PEOPLE}
    holders = st.sampled_from([None, Holder(pool_id="desk"), *(Holder(person_id=one) for one in PEOPLE)])
    world.owners = {"acme": draw(holders), "bolt": draw(holders)}
    world.territories = {"west": draw(holders), "south": draw(holders)}
    world.pools = {"desk": a_pool("desk", *draw(st.permutations(PEOPLE)))}
    return world


@st.composite
def routings(draw) -> Routing:
    terms = st.builds(
        Terms,
        hours=st.sampled_from(Hours),
        leave=st.sampled_from(Leave),
        caps=st.booleans(),
        needs=st.booleans(),
        if_nobody=st.sampled_from(Nobody),
    )
    stages = st.one_of(
        st.builds(Match, at_least=st.sampled_from([0.5, 0.7, 0.99])),
        st.builds(Owner, terms=terms),
        st.builds(ByTerritory, terms=terms),
        st.builds(Sticky, terms=terms),
        st.builds(Pool, pool=st.sampled_from(["desk", "nil"]), terms=terms),
        st.builds(Person, person=st.sampled_from([*PEOPLE, "nobody"]), terms=terms),
        st.just(Manager()),
    )
    rules = st.builds(
        PoolRules, choose=st.sampled_from(Choose), counts=st.sampled_from([frozenset(), frozenset({"owner", "sticky"})])
    )
    return Routing(
        routes=(Route(name="any", stages=tuple(draw(st.lists(stages, max_size=5)))),),
        pools={"desk": draw(rules)},
        caps=tuple(draw(st.lists(st.just(Cap(name="daily", per="day", at_most=4)), max_size=1))),
    )


LEADS = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["joe@acme.com", "joe@bolt.com", "old@friend.com", "joe@gmail.com", "@", "joe"]),
        "name": st.sampled_from(["Acme", "Bolt LLC", "", "!!!"]),
        "state": st.sampled_from(["CA", "TX", "FL"]),
        "language": st.sampled_from(["French", "", None]),
        "amount_usd": st.sampled_from([None, 0, -5.0, 12.5, 1e9, "much", float("inf"), float("nan"), True]),
        "phone": st.sampled_from(["", "12", "ask Ann", "+1 202 555 0143"]),
    },
)


@settings(max_examples=60)
@given(world=worlds(), routing=routings(), fields=LEADS)
def test_any_decision_made_again_from_the_answers_that_were_kept_is_the_same(world, routing, fields):
    noted = Noted(world)
    lead = a_lead(**fields)

    decision = decide(lead, routing, noted, at=MONDAY)

    assert decide(lead, routing, Remembered(noted.answers), at=MONDAY) == decision
    assert decision.is_queued == (decision.stage == "queue")
    assert all(step.says.endswith(".") and step.says[0] != " " for step in decision.steps)
    if decision.person_id is not None:
        standing = world.people[decision.person_id]
        assert standing.is_employed
        assert not standing.is_paused


@settings(max_examples=40)
@given(world=worlds(), routing=routings(), fields=LEADS)
def test_a_route_that_takes_nothing_changes_nothing(world, routing, fields):
    lead = a_lead(**fields)
    nothing = Route(
        name="nothing", takes=Taking(where=parse("name = 'no such company'")), stages=(Person(person="ann"),)
    )

    before = decide(lead, routing, world, at=MONDAY)

    assert decide(lead, replace(routing, routes=(nothing, *routing.routes)), world, at=MONDAY) == before


def test_splitting_a_territory_between_two_of_one_owner_changes_no_owner():
    world = a_company()
    north = Territory(territory_id="north", name="North")
    split = replace(world, territories={**world.territories, "north": world.territories["west"]})
    split.placed = {**world.placed, "CA": Placed(territories=(WEST, north))}

    for number in range(4):
        lead = a_lead(number, state="CA")
        one, other = decide(lead, DEFAULT, world, at=MONDAY), decide(lead, DEFAULT, split, at=MONDAY)
        split.keep(other)
        assert one.person_id == other.person_id == "ann"


def test_territories_that_are_alike_for_a_lead_take_turns_and_one_that_cannot_give_it_is_left_out():
    world = a_company()
    got = []
    for number in range(4):
        decision = decide(a_lead(number, state="TX"), DEFAULT, world, at=MONDAY)
        world.keep(decision)
        got.append(decision.territory_id)
    world.territories = {**world.territories, "west": Holder(person_id="eve")}

    alone = [decide(a_lead(number, state="TX"), DEFAULT, world, at=MONDAY).territory_id for number in range(2)]

    assert got == ["south", "west", "south", "west"]
    assert alone == ["south", "south"]


@pytest.mark.parametrize(
    ("many", "among"),
    [
        (4, "Place 00, Place 01, Place 02 and Place 03"),
        (5, "Place 00, Place 01, Place 02 and 2 more"),
        (24, "Place 00, Place 01, Place 02 and 21 more"),
    ],
)
def test_of_many_territories_that_are_alike_three_are_named_and_the_rest_counted(many, among):
    alike = tuple(Territory(territory_id=f"place{n:02}", name=f"Place {n:02}") for n in range(many))
    world = a_company()
    world.placed = {"TX": Placed(territories=alike)}
    nobody = decide(a_lead(state="TX"), DEFAULT, world, at=MONDAY)
    world.territories = {one.territory_id: Holder(person_id="ann") for one in alike}
    decision = decide(a_lead(state="TX"), DEFAULT, world, at=MONDAY)

    assert f"of {among}, which are alike for it, it is the turn of Place 00" in decision.says
    assert [turn.says for turn in decision.turns] == [f"{among} take turns."]
    assert any(step.says.startswith(f"It falls into {among} alike") for step in nobody.steps)


def test_the_order_of_members_moves_nobody_by_more_than_one():
    counts = []
    for order in (("ann", "bob", "cat"), ("cat", "ann", "bob")):
        world = a_company()
        world.pools = {"desk": a_pool("desk", *order)}
        got = dict.fromkeys(order, 0)
        for number in range(50):
            decision = decide(a_lead(number), SHARING, world, at=MONDAY + timedelta(minutes=number))
            world.keep(decision)
            got[str(decision.person_id)] += 1
        counts.append(got)

    assert all(abs(counts[0][one] - counts[1][one]) <= 1 for one in ("ann", "bob", "cat"))


def test_a_route_may_ask_for_the_day_and_for_functions():
    fresh = Taking(where=parse("created_on >= today - 30"))
    near = Taking(where=parse("postal_between('US', '30000', '39999')"))
    at = datetime(2027, 3, 3, 9, tzinfo=UTC)

    assert fresh.takes(_asked(created_on=date(2027, 2, 20)), at=at)
    assert not fresh.takes(_asked(created_on=date(2027, 1, 20)), at=at)
    assert near.takes(_asked(country="US", postal_code="30301"), at=at)
    assert not near.takes(_asked(country="US", postal_code="90210"), at=at)


def test_a_value_of_another_type_than_a_route_asks_for_counts_as_missing():
    large = Taking(where=parse("employees > 100"))

    assert not large.takes(_asked(employees="many"), at=datetime(2027, 3, 3, 9, tzinfo=UTC))


def _asked(**fields):
    at = datetime(2027, 3, 3, 9, tzinfo=UTC)
    return Lead(lead_id="lead-1", source="form", source_id="1", received_at=at, fields=fields)
