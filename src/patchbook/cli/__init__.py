"""The command line: one file a command group, listed in COMMANDS; errors become one sentence and an exit code."""

from __future__ import annotations

import importlib
import sys

COMMANDS: tuple[str, ...] = (
    "plan",
    "rules",
    *("profile", "carve", "study", "assign", "compare", "score", "demo", "sample"),
    *("owner", "why", "book", "history", "credit"),
    *("inbox", "propose", "proposals", "approve", "challenge", "exception", "comment", "freeze"),
    "engagement",
    *("publish", "rollback", "holdover"),
    *("lead", "routing", "replay"),
    *("hire", "leave", "depart", "transfer", "people", "territories"),
    *("init", "import_", "serve", "jobs", "webhook", "user", "token", "settings", "audit", "backup", "restore"),
)
"""The modules of this package that add commands, in the order `--help` shows them."""


INTERRUPTED = 130
"""What Typer exits with after Ctrl-C."""


def main() -> None:
    """Run the command line and exit: 0 done, 1 infeasible, 2 bad input, 130 interrupted."""
    from patchbook.errors import Infeasible, PatchbookError

    try:
        from patchbook.cli.app import app

        for command in COMMANDS:
            importlib.import_module(f"patchbook.cli.{command}")
        app()
    except Infeasible as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except PatchbookError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except KeyboardInterrupt:  # before the app could take it
        sys.stderr.write("Interrupted; nothing was half-written.\n")
        sys.exit(INTERRUPTED)
    except SystemExit as done:
        if done.code == INTERRUPTED:
            sys.stderr.write("Interrupted; nothing was half-written.\n")
        raise
