"""`patchbook engagement`: the rules of engagement; one file for commands that belong together."""

from patchbook.cli.engagement import document, registrations  # isort: skip
from patchbook.cli.engagement import claims, contacts, deals, families, handoffs, pack  # isort: skip

__all__ = ["claims", "contacts", "deals", "document", "families", "handoffs", "pack", "registrations"]
