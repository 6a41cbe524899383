"""The sections of the routing document, a file a section; each is one line in `SECTIONS`."""

from __future__ import annotations

from patchbook.leads.sections import caps, free_mail, pools, routes, webhooks
from patchbook.leads.sections.section import Section

SECTIONS: tuple[Section, ...] = (routes.SECTION, pools.SECTION, caps.SECTION, free_mail.SECTION, webhooks.SECTION)
"""In the order they are written."""


def section_of(name: str) -> Section:
    """The section of a name."""
    return next(section for section in SECTIONS if section.name == name)
