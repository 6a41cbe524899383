"""`patchbook plan`: plan files, and plans in the record; one file for commands that belong together."""

from patchbook.cli.plan import file, show  # isort: skip
from patchbook.cli.plan import carve, study, compare, edit, exchange, life  # isort: skip

__all__ = ["carve", "compare", "edit", "exchange", "file", "life", "show", "study"]
