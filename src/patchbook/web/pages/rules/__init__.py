"""The rules of a plan: in order, with what each takes, what is wrong with them, and what a change would move."""

from patchbook.web.page import Nav
from patchbook.web.pages.rules import book, change, completion, impact, layer, problems, trial
from patchbook.web.pages.rules.frame import DEED, router

__all__ = ["NAV", "book", "change", "completion", "impact", "layer", "problems", "router", "trial"]

NAV = (Nav(title="Rules", path="/rules", section="Plan", deed=DEED, covers=("/plans/*/rules",)),)
