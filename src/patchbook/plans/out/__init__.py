"""What a carve leaves behind: one file a kind of table, every file written in WRITERS; a folder is whole or not there."""

from __future__ import annotations

from patchbook.plans.out.folder import WRITERS, ForeignFolder, NotAResult, Stored, read, write

__all__ = ["WRITERS", "ForeignFolder", "NotAResult", "Stored", "read", "write"]
