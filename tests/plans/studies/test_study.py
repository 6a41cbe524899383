"""What every study is made of: choices, answers that can be kept."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from patchbook.plans.studies import STUDIES, NoStudy, study_named
from patchbook.plans.studies.study import BadChoice, Chart, Choice, Column, Found, Mark, Table, settled


class Tried:
    """A study with two choices, that is never run."""

    name, title, question = "tried", "Tried", "What if?"
    choices = (Choice(name="most", says="How many.", default="10"), Choice(name="measure", says="Which.", default=""))

    def run(self, asked):
        raise NotImplementedError


def test_what_is_not_chosen_is_at_its_default():
    assert settled(Tried(), {"measure": " revenue "}) == {"most": "10", "measure": "revenue"}
    assert settled(Tried(), {"most": ""}) == {"most": "10", "measure": ""}


def test_a_choice_there_is_not_names_the_nearest_or_all():
    with pytest.raises(BadChoice, match="has no choice 'mesure'; did you mean 'measure'"):
        settled(Tried(), {"mesure": "x"})
    with pytest.raises(BadChoice, match="it has most, measure"):
        settled(Tried(), {"zzz": "x"})


def test_an_answer_is_the_same_after_it_was_kept():
    columns = (Column(name="a", says="A", unit="share"),)
    marks = (Mark(label="m", x=1.0, y=2.0, low=1.5),)
    found = Found(
        says=("One.", "Two."),
        tables=(Table(name="t", title="T", columns=columns, rows=((0.5,), (None,))),),
        charts=(Chart(name="c", title="C", kind="bars", across="x", up="y", marks=marks),),
        was_stopped=True,
    )

    assert Found.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_numbers_of_numpy_and_what_is_no_number_are_kept_as_json_has_them():
    table = Table(
        name="t", title="T", columns=(Column(name="a", says="A"),),
        rows=((np.int64(3),), (np.float64("inf"),), (float("nan"),), (np.bool_(True),)),
    )  # fmt: skip

    kept = json.dumps(Found(says=(), tables=(table,)).to_dict(), allow_nan=False)

    assert [row[0] for row in json.loads(kept)["tables"][0]["rows"]] == [3, None, None, True]


def test_every_study_has_a_name_for_addresses_and_asks_a_question():
    names = [study.name for study in STUDIES]

    assert len(set(names)) == len(names)
    for study in STUDIES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", study.name)
        assert study.question.endswith("?")
        assert study_named(study.name) is study
        assert settled(study, {}) == {choice.name: choice.default for choice in study.choices}


def test_a_study_there_is_not_names_the_nearest():
    with pytest.raises(NoStudy, match="did you mean 'balance'"):
        study_named("balanc")
