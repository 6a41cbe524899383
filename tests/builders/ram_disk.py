"""Where temporary files are quickest: tests wait for disks longer than they compute, and nothing of theirs is kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory. Other systems have no such place, and then the disk has to do."""

ENOUGH_BYTES = 4 * 1024**3
"""A run needs a quarter of it: its folders go as soon as their tests have passed."""


def use_ram_disk(memory: Path = MEMORY) -> bool:
    """
    Put the temporary files of this process and of those it starts into memory, unless somebody said where they go.

    What a record promises of disks is proved by drivers that lose what was not synced, and by killed processes: neither
    asks what the disk is made of.
    """
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK | os.X_OK):
        return False
    if shutil.disk_usage(memory).free < ENOUGH_BYTES or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return False  # a container's is small, or runs no programs: PostgreSQL's are copied there
    os.environ["TMPDIR"] = str(memory)
    tempfile.tempdir = None  # what was worked out before
    return True
