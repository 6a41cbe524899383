"""`patchbook study` and `patchbook plan study`: questions about a carve, in the terminal."""

from __future__ import annotations

import json
import signal

from patchbook.plans.studies import STUDIES, balance


def test_without_a_name_every_study_is_listed_with_its_question(patchbook_says):
    code, printed, _ = patchbook_says("study")

    assert code == 0
    for study in STUDIES:
        assert f"{study.name} " in printed
        assert study.question in printed
    listed = json.loads(patchbook_says("study", "--json")[1])
    assert [one["name"] for one in listed] == [study.name for study in STUDIES]


def test_a_study_says_its_sentences_and_tables(patchbook_says, grid):
    code, printed, complained = patchbook_says("study", "balance", grid)

    assert (code, complained) == (0, "")
    assert printed.startswith("Field, potential: the territory furthest from its share is off by")
    assert "Fairness by measure\nCarve" in printed
    assert "--out FOLDER draws" in printed


def test_the_answer_is_written_to_a_folder_and_printed_as_json(patchbook_says, grid, tmp_path):
    out = tmp_path / "out"

    code, printed, _ = patchbook_says("study", "balance", grid, "--set", "measure=potential", "--out", out, "--json")

    assert code == 0
    names = ["balance-fairness.csv", "balance-loads.csv", "balance-loads_1.svg", "balance.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert json.loads(printed) == json.loads((out / "balance.json").read_text())


def test_what_cannot_be_meant_is_refused_in_a_sentence(patchbook_says, grid):
    for arguments, sentence in (
        (("balanc", grid), "There is no study 'balanc'; did you mean 'balance'?"),
        (("balance", grid, "--set", "measure"), "'measure' is no choice; write it as CHOICE=VALUE"),
        (("balance", grid, "--set", "luck=7"), "The study 'balance' has no choice 'luck'"),
        (("balance", grid, "--set", "measure=luck"), "The plan balances no measure 'luck'; it balances potential."),
        (("balance",), "Name the plan to ask about: patchbook study balance PLAN.yaml."),
    ):
        code, _, complained = patchbook_says("study", *arguments)
        assert code == 2
        assert sentence in complained


def test_ctrl_c_ends_a_study_which_tells_what_it_has_found(patchbook_says, grid, monkeypatch):
    whole = balance._measured

    def interrupted(layer):
        signal.raise_signal(signal.SIGINT)
        return whole(layer)

    monkeypatch.setattr(balance, "_measured", interrupted)
    code, printed, complained = patchbook_says("study", "balance", grid)

    assert code == 0
    assert "Ctrl-C again ends it at once" in complained
    assert printed.startswith("It was stopped before it was done; this is what was found until then.\nField, potential")


def test_a_plan_of_the_record_is_asked_and_remembers(patchbook_says, published):
    code, printed, _ = patchbook_says("plan", "study", "Grid", "balance", "--seconds", 1)
    assert code == 0
    assert "Field, potential" in printed

    listed = patchbook_says("plan", "study", "Grid")[1]
    assert "Field, potential" in listed
    (told,) = (one for one in json.loads(patchbook_says("plan", "study", "Grid", "--json")[1]) if one["says"])
    assert told["name"] == "balance"
    assert told["asked_at"] is not None
