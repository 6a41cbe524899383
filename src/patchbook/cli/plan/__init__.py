"""`patchbook plan`: plan files, and plans in the record; one file for commands that belong together."""

from patchbook.cli.plan import file

__all__ = ["file"]
