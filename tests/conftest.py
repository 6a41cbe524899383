"""What holds for every test: none is skipped, and none depends on luck or on how busy the machine is."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("searching", deadline=None, database=None, max_examples=1000)
settings.load_profile("steady")
"""`make test` draws the same examples each time; `make test ARGS=--hypothesis-profile=searching` looks for new ones."""

_not_run: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a test that was skipped or was expected to fail."""
    if report.skipped or hasattr(report, "wasxfail"):
        _not_run.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failed session: what does not run proves nothing."""
    if _not_run and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were skipped."""
    for nodeid in _not_run:
        terminalreporter.write_line(f"FAILED (skipped or expected to fail) {nodeid}", red=True)
