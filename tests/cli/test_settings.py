"""The rules of the record on the command line."""

from __future__ import annotations

import json


def test_a_setting_is_listed_and_set(patchbook_says, at_home):
    patchbook_says("init")

    code, printed, _ = patchbook_says("settings", "set", "two_person_above", "1200")

    assert (code, printed) == (0, "two_person_above is 1,200 now.\n")
    rules = {one["name"]: one["value"] for one in json.loads(patchbook_says("settings", "list", "--json")[1])}
    assert rules["two_person_above"] == 1200
    code, _, complained = patchbook_says("settings", "set", "colour", "1")
    assert (code, complained.startswith("There is no setting 'colour'; there are ")) == (2, True)
