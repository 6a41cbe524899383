"""A skipped test is a failed session: what does not run proves nothing. The hooks of pytest that see to it."""

from __future__ import annotations

import pytest

_not_run: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a test that was skipped or was expected to fail; reports of shared runs come together in one process."""
    if report.skipped or hasattr(report, "wasxfail"):
        _not_run.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember a file that was skipped as a whole."""
    if report.skipped:
        _not_run.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let the session fail where any was."""
    if _not_run and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were skipped."""
    for nodeid in _not_run:
        terminalreporter.write_line(f"FAILED (skipped or expected to fail) {nodeid}", red=True)
