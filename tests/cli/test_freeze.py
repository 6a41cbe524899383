"""Freezes on the command line: added, listed and lifted."""

from __future__ import annotations

import json


def test_a_freeze_is_added_listed_and_lifted(patchbook_says, at_home):
    patchbook_says("init")
    assert patchbook_says("freeze", "list")[1] == "Nothing is frozen, now or later.\n"
    days = ("--from", "2090-12-24", "--until", "2091-01-02")

    code, printed, _ = patchbook_says("freeze", "add", *days, "--why", "Year end.")

    assert code == 0
    assert printed.startswith("Drafts are frozen from 2090-12-24 until 2091-01-02, as freeze-")
    (listed,) = json.loads(patchbook_says("freeze", "list", "--json")[1])
    assert listed["why"] == "Year end"
    assert patchbook_says("freeze", "lift", listed["freeze_id"])[0] == 0
    code, _, complained = patchbook_says("freeze", "lift", listed["freeze_id"])
    assert (code, complained.endswith("in force or to come.\n")) == (2, True)
