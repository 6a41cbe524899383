"""Who may take what: all that a unit needs, in whatever case and list it is written."""

from __future__ import annotations

import pytest

from patchbook.people.person import Person
from patchbook.plans.eligibility import has
from patchbook.plans.plan import BadPlan
from tests.plans.conftest import person_of, some_accounts, some_people, told

REQUIRE = "  - carve: {name: Field, balance: [potential], require: {language: languages}}\n"


def test_a_list_is_read_in_lower_case_from_a_field_or_a_column_of_ones_own():
    person = Person(person_id="p", name="P", languages=frozenset({"French", "EN"}), other={"badges": "Gold; Blue|red"})

    assert has(person, "languages") == {"french", "en"}
    assert has(person, "badges") == {"gold", "blue", "red"}
    assert has(person, "nothing") == frozenset()
    assert has(person, "name") == {"p"}


def test_a_family_needs_all_that_any_of_it_needs(carved):
    accounts = some_accounts(
        parent_id=lambda i: "A1" if i == 1 else "", language=lambda i: {0: "fr", 1: "EN"}.get(i, "")
    )

    who = person_of(carved(accounts=accounts, people=some_people(languages=["fr", "En;Fr", "en"]), layers=REQUIRE))

    assert who["A1"] == who["A2"] == "bob"


def test_a_field_that_no_person_has_is_named(carved):
    """Seen red: everything was unassigned, without a word on why."""
    layers = REQUIRE.replace("languages", "tongues")

    with pytest.raises(BadPlan, match=r"line 7 .*the people have no field 'tongues'; they have .*languages"):
        carved(accounts=some_accounts(language=lambda i: "en"), layers=layers)


def test_a_person_with_no_eligible_account_is_named_with_what_to_do(carved):
    people = some_people(languages=["fr", "fr", "cy"])

    result = carved(accounts=some_accounts(language=lambda i: "fr"), people=people, layers=REQUIRE)

    assert told(result, "no eligible account") == [
        "Cy Core may take no account of Field: none needs only what their languages hold; widen these, or leave the "
        "person out of the layer."
    ]
    assert not result.summary["feasible"]


def test_people_with_a_skill_get_the_accounts_of_that_field(carved):
    people = some_people(skills=["Energy", "Health", "energy;health"])
    layers = "  - carve: {name: Field, balance: [potential], by: industry, travel: 0, keep: {owners: ignore}}\n"

    result = carved(people=people, layers=layers)

    held = result.assignments.with_columns(result.accounts["industry"])
    assert set(held.filter(held["person"] == "ann")["industry"]) == {"Energy"}
    assert set(held.filter(held["person"] == "bob")["industry"]) == {"Health"}
