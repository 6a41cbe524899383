"""`patchbook init`: a record and its first admin, once."""

from __future__ import annotations

import json


def test_init_makes_a_record_whose_admin_acts_from_then_on(patchbook_says, at_home):
    code, printed, complained = patchbook_says(
        "init", "--admin-name", "Ada", "--admin-email", "ada@example.com", "--json"
    )
    assert (code, complained) == (0, "")
    made = json.loads(printed)
    assert made["database"] == "sqlite"
    assert made["folder"] == str(at_home)

    code, printed, _ = patchbook_says("people", "--json")

    assert code == 0
    assert [one["person_id"] for one in json.loads(printed)["rows"]] == [made["admin_id"]]


def test_init_again_changes_nothing(patchbook_says, at_home):
    patchbook_says("init")
    kept = (at_home / "cli.json").read_text()

    code, printed, _ = patchbook_says("init", "--admin-name", "Somebody else")

    assert code == 0
    assert "is as this version needs it" in printed
    assert (at_home / "cli.json").read_text() == kept


def test_a_bad_address_is_one_sentence_and_no_admin_is_made(patchbook_says, at_home):
    code, _, complained = patchbook_says("init", "--admin-email", "ada")

    assert code == 2
    assert complained == "'ada' is no e-mail address; write one as ann@example.com.\n"
    assert patchbook_says("init", "--admin-email", "ada@example.com")[0] == 0


def test_without_a_record_the_way_to_one_is_told(patchbook_says, at_home):
    code, _, complained = patchbook_says("owner", "A1")

    assert code == 2
    assert "make one with `patchbook init`" in complained
    assert complained.count("\n") == 1
