"""The routing document's routes, pools, caps and mail for everybody: what is written is what holds, or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchbook.leads.document import BadRouting, loads
from patchbook.leads.sections import SECTIONS
from patchbook.leads.sections.routes import MAIN, SETTINGS, stage_of
from patchbook.routing.decide import DEFAULT
from patchbook.routing.engagement import SEATS
from patchbook.routing.lead import Kind, Motion
from patchbook.routing.route import Absent, Cap, Choose, Hours, Leave, Needs, Nobody, PoolRules, Terms
from patchbook.routing.stages import STAGES, ByTerritory, Manager, Match, Owner, Person, Pool, Sticky

WRITTEN = """
routes:
  - name: cases
    for: {kind: case, where: "country = 'US'"}
    needs: {skills: cloud, product_of_lead: yes}
    stages:
      - match: {at_least: 80%, tie_breaks: [open deal, recent]}
      - owner: {role: service, hours: hold, if_nobody: manager}
      - pool: Desk
      - manager
  - name: the rest
    for: {motion: [inbound, renewal]}
    stages: [match, owner, sticky, territory, {pool: {pool: Desk, leave: cover}}, person: max]
pools:
  Desk: {choose: value, absent: catch up, catch_up_to: 3, counts: [owner, manual]}
caps:
  - {name: daily, per: day, at_most: 20, kinds: [lead]}
free_mail: [Post.Example, www.mail.test]
"""


def test_what_is_written_is_what_holds():
    document = loads(WRITTEN)
    cases, rest = document["routes"]

    assert cases.takes.kinds == (Kind.CASE,)
    assert cases.needs == Needs(skills=("cloud",), product_of_lead=True)
    assert cases.stages == (
        Match(at_least=0.8, tie_breaks=("open deal", "recent")),
        Owner(role="service", terms=Terms(hours=Hours.HOLD, caps=False, needs=False, if_nobody=Nobody.MANAGER)),
        Pool(pool="Desk"),
        Manager(),
    )
    assert rest.takes.motions == (Motion.INBOUND, Motion.RENEWAL)
    assert rest.stages == (
        Match(),
        Owner(),
        Sticky(),
        ByTerritory(),
        Pool(pool="Desk", terms=Terms(hours=Hours.NEXT, leave=Leave.COVER)),
        Person(person="max"),
    )
    assert document["pools"] == {
        "Desk": PoolRules(
            choose=Choose.VALUE, absent=Absent.CATCH_UP, catch_up_to=3, counts=frozenset({"owner", "manual"})
        )
    }
    assert document["caps"] == (Cap(name="daily", per="day", at_most=20, kinds=(Kind.LEAD,)),)
    assert document["free_mail"] == {"post.example", "mail.test"}


def test_an_empty_document_goes_by_owner_and_territory():
    document = loads("")

    assert document["routes"] == DEFAULT.routes
    assert (document["pools"], document["caps"], document["free_mail"]) == ({}, (), frozenset())


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.key)
def test_the_defaults_that_are_told_are_those_that_hold(stage):
    made = stage(**{name: "x" for key, name in MAIN.items() if key == stage.key})
    listed = {setting.name: setting.default for setting in SETTINGS if setting.where == stage_of(stage.key)}
    terms = getattr(made, "terms", None)

    for name, default in listed.items():
        if name in MAIN.values():
            continue
        holds = getattr(terms if terms is not None and hasattr(terms, name) else made, name)
        shown = ", ".join(holds) if isinstance(holds, tuple) else holds
        shown = {"True": "yes", "False": "no"}.get(str(shown), shown)
        assert str(shown).removesuffix(".0") == default, name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("routes: []", "line 1: routes: there is no route"),
        ("routes: now", "line 1: routes: a text stands here; give a list"),
        ("routes:\n  - {name: a, stages: []}", "line 2: stages: there is no stage"),
        ("routes:\n  - {name: a, stages: [ownr]}", "line 2: 'ownr' is not a stage; did you mean 'owner'?"),
        ("routes:\n  - {name: a, stages: [pool]}", "line 2: the stage pool is written as pool: and its name or id"),
        ("routes:\n  - {name: a, stages: [owner: ann]}", "line 2: the stage owner is written by its name alone"),
        ("routes:\n  - {name: a, stages: [[owner]]}", "a list stands where a stage is expected"),
        ("routes:\n  - {name: a, stages: [{owner: {hours: late}}]}", "hours: 'late' is none of next, hold, anyway"),
        ("routes:\n  - {stages: [owner]}", "a route needs 'name'"),
        ("routes:\n  - {name: a, for: {kind: cheese}, stages: [owner]}", "kind: 'cheese' is none of lead, opportunity"),
        ("routes:\n  - {name: a, for: {where: 'x = '}, stages: [owner]}", "where: "),
        (
            "routes:\n  - {name: a, stages: [owner]}\n  - {name: b, stages: [owner]}",
            "line 3: the route 'b' takes nothing",
        ),
        (
            "routes:\n  - {name: a, for: {kind: case}, stages: [owner]}\n  - {name: a, stages: [owner]}",
            "line 3: there are two routes called 'a'",
        ),
        ("pools: [Desk]", "pools: a list stands here; write a name for each"),
        ("pools:\n  Desk: {choose: lottery}", "line 2: choose: 'lottery' is none of turn, value"),
        ("caps:\n  - {name: a, per: year, at_most: 1}", "per: 'year' is none of hour, day, week, month, open"),
        ("caps:\n  - {name: a, per: day, at_most: -1}", "at_most: -1 is below 0"),
        ("free_mail: [nonsense]", "'nonsense' is not a domain; write one as example.com"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(text, message):
    with pytest.raises(BadRouting) as caught:
        loads(text)

    assert message in str(caught.value)


def test_every_setting_and_word_is_on_its_page():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "routing-document.md").read_text(encoding="utf-8")
    listed = [setting for section in SECTIONS for setting in section.settings]
    words = {word for one in listed for word in (one.name, *one.choices)} - set(SEATS)
    words |= {stage.key for stage in STAGES} | {section.name for section in SECTIONS}

    assert sorted(word for word in words if f"`{word}`" not in page) == []
    assert [section.help for section in SECTIONS if section.help not in page] == []
    assert sorted({one.where for one in listed if f"<!-- settings: {one.where} -->" not in page}) == []


def test_the_document_on_the_page_can_be_meant_and_has_every_section():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "routing-document.md").read_text(encoding="utf-8")
    document = loads(page.split("```yaml\n")[1].split("```")[0])

    assert len(document["routes"]) == 3
    assert [section.name for section in SECTIONS if document[section.name] == section.default()] == []


def test_every_setting_says_what_holds_without_it_or_is_needed():
    listed = [setting for section in SECTIONS for setting in section.settings]

    assert [one.name for one in listed if not one.help.endswith(".") or bool(one.default) == one.required] == []
