"""What is made once for a whole run of the tests, by however many processes the run is shared among."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """
    The folder that `make` fills for whoever asks first; everybody else waits until it is whole.

    Nobody changes what is in it: tests of several processes copy it at the same time.
    """
    base = of_the_run(factory)
    folder, whole = base / name, base / f"{name}.whole"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)  # a process that failed half-way left it
            make(folder)
            whole.touch()
    return folder


def of_the_run(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the run; each process that pytest-xdist starts has its own inside it."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
