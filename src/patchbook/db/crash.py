"""Places where a test may kill the process, to see that what is left is the old state or the new one, never a mix.

`CRASH_AT=publish.facts:3` in the environment kills this process, as `kill -9` would, when it comes by the place
`publish.facts` for the third time. Without the variable a crash point costs one look at a constant.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_AT, _, _COUNT = os.environ.get("CRASH_AT", "").partition(":")
_TRACE = os.environ.get("CRASH_TRACE")
_seen: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Die here if the environment says so; with `CRASH_TRACE=file` note in that file that one came by."""
    if not _AT and not _TRACE:
        return
    _seen[name] += 1
    if _TRACE:
        with open(_TRACE, "a", encoding="utf-8") as trace:
            trace.write(f"{name}\n")
    if name == _AT and _seen[name] == int(_COUNT or 1):
        os.kill(os.getpid(), signal.SIGKILL)
