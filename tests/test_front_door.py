"""`import patchbook` offers what its list says, at once and cheaply."""

from __future__ import annotations

import subprocess
import sys

import pytest

import patchbook
from patchbook.errors import PatchbookError

SLOW = (
    *("numba", "scipy.optimize", "sqlglot", "splink", "pandas", "pyarrow"),
    *("sqlalchemy", "fastapi", "authlib", "argon2"),
)


def test_everything_in_the_list_can_be_fetched():
    for name in patchbook.__all__:
        assert getattr(patchbook, name) is not None, name


def test_what_is_visible_is_what_is_in_the_list():
    assert dir(patchbook) == sorted(patchbook.__all__)
    assert set(patchbook._ROOMS) == set(patchbook.__all__) - {"__version__"}


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known_ones():
    with pytest.raises(AttributeError, match=r"offers no 'carv'; it offers .*carve"):
        _ = patchbook.carv


def test_the_five_kinds_of_error_share_one_parent():
    for name in ("BadInput", "Conflict", "Infeasible", "NotAllowed", "NotFound"):
        assert issubclass(getattr(patchbook, name), PatchbookError)


HELP = """
import sys, patchbook.cli
sys.argv = ["patchbook", "--help"]
try:
    patchbook.cli.main()
except SystemExit:
    pass
"""


@pytest.mark.parametrize("code", ["import patchbook", HELP], ids=["import patchbook", "patchbook --help"])
def test_nothing_slow_is_imported_before_it_is_needed(code):
    shown = f"{code}\nimport sys\nsys.stderr.write(' '.join(sorted(set(sys.modules))))"

    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)

    assert set(done.stderr.split()).isdisjoint(SLOW)
