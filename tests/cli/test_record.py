"""What every command of the record shares: who acts, and what is told when nobody may."""

from __future__ import annotations

import json


def test_rights_are_checked_for_whoever_is_named(patchbook_says, at_home, monkeypatch):
    patchbook_says("init")

    code, _, complained = patchbook_says("people", "--as", "ANN")
    assert code == 2
    assert complained == "'ANN' holds no role here today; an admin gives one with `patchbook user grant`.\n"

    monkeypatch.setenv("PATCHBOOK_AS", "BOB")
    assert "'BOB' holds no role" in patchbook_says("people")[2]


def test_without_anybody_to_act_as_one_is_asked_for(patchbook_says, at_home):
    patchbook_says("init")
    (at_home / "cli.json").unlink()

    code, _, complained = patchbook_says("people")

    assert code == 2
    assert "name a person with --as or PATCHBOOK_AS" in complained


def test_the_record_can_be_named_on_the_command(patchbook_says, at_home, tmp_path):
    code, printed, _ = patchbook_says("init", "--data", tmp_path / "elsewhere", "--json")

    assert code == 0
    assert json.loads(printed)["folder"] == str(tmp_path / "elsewhere")
    assert patchbook_says("people", "--data", tmp_path / "elsewhere")[0] == 0
    assert not at_home.exists()


def test_a_date_that_is_none_is_one_sentence(patchbook_says, at_home):
    patchbook_says("init")

    code, _, complained = patchbook_says("owner", "A1", "--on", "1st of May")

    assert code == 2
    assert complained == "'1st of May' is no date; write one as 2027-02-01 or 2027-02-01T09:30:00+01:00.\n"
