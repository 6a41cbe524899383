"""The command line as a whole: one sentence and an exit code for whatever goes wrong."""

from __future__ import annotations

import patchbook
from patchbook.cli import COMMANDS


def test_the_version_is_that_of_the_package(patchbook_says):
    assert patchbook_says("--version") == (0, f"patchbook {patchbook.__version__}\n", "")


def test_help_lists_every_command_file(patchbook_says):
    code, printed, _ = patchbook_says("--help")

    assert code == 0
    assert [name for name in COMMANDS if f" {name.rstrip('_')} " not in printed] == []


def test_a_plan_that_is_not_there_is_one_sentence_and_exit_code_2(patchbook_says, tmp_path):
    code, printed, complained = patchbook_says("carve", tmp_path / "plan.yaml", "--out", tmp_path / "result")

    assert (code, printed) == (2, "")
    assert "plan.yaml" in complained
    assert complained.count("\n") == 1
    assert not (tmp_path / "result").exists()


def test_an_unknown_option_is_exit_code_2(patchbook_says):
    code, _, complained = patchbook_says("carve", "plan.yaml", "--outt", "result")

    assert code == 2
    assert "--outt" in complained
