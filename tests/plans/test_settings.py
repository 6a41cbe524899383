"""One list of settings serves the reader, the model and the reference."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from patchbook.accounts.fields import CUSTOM_TYPES
from patchbook.plans.file import dump, loads
from patchbook.plans.plan import (
    Assertion,
    CarveLayer,
    Group,
    HouseLayer,
    Keep,
    Lock,
    Match,
    Mix,
    NamedLayer,
    Plan,
    PlanMeasure,
    RuleLayer,
    Sizing,
    TableFile,
    Touching,
)
from patchbook.plans.settings import SETTINGS, settings_of

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "reference" / "plan-file.md", ROOT / "docs" / "how-to" / "write-a-plan.md"]
EXAMPLES = [
    block
    for page in PAGES
    for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
]
MODEL = {
    "a plan": Plan,
    "a measure": PlanMeasure,
    "a named layer": NamedLayer,
    "a rule": RuleLayer,
    "a carve": CarveLayer,
    "keep": Keep,
    "seats": Sizing,
    "mix": Mix,
    "contiguous": Touching,
    "match": Match,
    "house": HouseLayer,
    "a lock": Lock,
    "an assertion": Assertion,
    "a group": Group,
    "a list or table": TableFile,
}
NOT_SETTINGS = {
    Plan: {"file", "lines"},
    PlanMeasure: {"name"},
    Lock: {"line"},
    Assertion: {"line"},
    Group: {"name"},
    RuleLayer: {"catches_all"},
}


@pytest.mark.parametrize("where", MODEL)
def test_a_part_of_the_model_and_its_settings_have_the_same_names(where):
    model = MODEL[where]

    assert {setting.attribute or name for name, setting in settings_of(where).items()} == {
        field.name for field in fields(model)
    } - NOT_SETTINGS.get(model, set())


def test_a_setting_is_listed_once_and_explained_in_one_sentence():
    assert len({(setting.where, setting.name) for setting in SETTINGS}) == len(SETTINGS)
    assert {setting.where for setting in SETTINGS} == set(MODEL)
    assert [s.name for s in SETTINGS if not s.help.endswith(".") or bool(s.default) == s.required] == []


def test_the_types_of_own_fields_are_those_of_the_intake():
    assert settings_of("a plan")["types"].choices == CUSTOM_TYPES


def test_the_reference_shows_the_settings_as_they_are():
    done = subprocess.run(
        [sys.executable, "tools/settings_tables.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[0])
def test_every_plan_in_the_documentation_loads(example):
    plan = loads(example, file=Path("plan.yaml"), files=False)

    assert loads(dump(plan), file=Path("plan.yaml"), files=False).layers == plan.layers


def test_the_examples_use_every_setting():
    words = set(re.findall(r"\w+", " ".join(EXAMPLES)))

    assert {setting.name for setting in SETTINGS} - words == set()
