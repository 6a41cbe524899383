"""A run fails when it leaves a test out, in one process or shared among several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
from builders.nothing_skipped import (
    pytest_collectreport, pytest_runtest_logreport, pytest_sessionfinish, pytest_terminal_summary,
)
"""
LEFT_OUT = {
    "test_skipped.py": "import pytest\ndef test_it(): pytest.skip('no time')\n",
    "test_expected_to_fail.py": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False\n",
    "test_nothing_of_it.py": "import pytest\npytest.skip('no time', allow_module_level=True)\n",
}


@pytest.mark.parametrize("processes", [0, 2])
def test_a_run_that_leaves_tests_out_fails_and_names_them(processes, tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_done.py").write_text("def test_it(): pass\n")
    for name, text in LEFT_OUT.items():
        (tmp_path / name).write_text(text)

    done = pytest_in(tmp_path, "-n", str(processes))

    assert "1 passed" in done.stdout
    for name in LEFT_OUT:
        assert done.stdout.count(f"FAILED (skipped or expected to fail) {name}") == 1, done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the tests in a folder, with what ours are built of and without plugins it does not need."""
    there = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    leaner = {"PYTHONPATH": there, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "no:cacheprovider", *arguments]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(command, cwd=folder, env=own | leaner, capture_output=True, text=True)
