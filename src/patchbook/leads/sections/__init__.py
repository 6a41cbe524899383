"""The sections of the routing document, a file a section; each is one line in `SECTIONS`."""

from __future__ import annotations

from patchbook.leads.sections import (
    calendars,
    caps,
    engagement,
    free_mail,
    live_changes,
    pools,
    routes,
    service_levels,
    webhooks,
)
from patchbook.leads.sections.section import Section

SECTIONS: tuple[Section, ...] = (
    routes.SECTION,
    pools.SECTION,
    caps.SECTION,
    free_mail.SECTION,
    calendars.SECTION,
    service_levels.SECTION,
    engagement.SECTION,
    live_changes.SECTION,
    webhooks.SECTION,
)
"""In the order they are written."""
