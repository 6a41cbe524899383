"""The plan workbench: map, table, territory tree and balance of one draft in step, and every way to change it."""

from patchbook.web.pages.workbench import carving, changing, choosing, following, looking, splitting
from patchbook.web.pages.workbench.router import router

__all__ = ["carving", "changing", "choosing", "following", "looking", "router", "splitting"]
