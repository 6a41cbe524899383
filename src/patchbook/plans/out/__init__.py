"""What a carve leaves behind: every file is listed in WRITERS, and a folder of them is whole or not there."""

from __future__ import annotations

from patchbook.plans.out.folder import WRITERS, ForeignFolder, NotAResult, Stored, read, write

__all__ = ["WRITERS", "ForeignFolder", "NotAResult", "Stored", "read", "write"]
