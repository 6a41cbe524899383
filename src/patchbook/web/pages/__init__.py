"""The pages, a file a page; each is one line in `PAGES`, and its `NAV`, where it has one, a line of the menu."""

from itertools import chain
from types import ModuleType

from patchbook.web.page import Nav
from patchbook.web.pages import (
    demo,
    home,
    rules,
    set_up,
    sign_in,
)

PAGES: tuple[ModuleType, ...] = (
    sign_in,
    set_up,
    demo,
    home,
    rules,
)

SECTIONS = ("", "Plan", "Own", "Run", "Data", "Admin")
"""The headings of the menu, in order."""

MENU: tuple[Nav, ...] = tuple(
    sorted(
        chain.from_iterable(getattr(page, "NAV", ()) for page in PAGES), key=lambda line: SECTIONS.index(line.section)
    )
)
"""Every line of the menu; within a section in the order of `PAGES`."""
