"""`patchbook rules`: rule books, looked at before they are used; one file for commands that belong together."""

from patchbook.cli.rules import check, impact, learn

__all__ = ["check", "impact", "learn"]
