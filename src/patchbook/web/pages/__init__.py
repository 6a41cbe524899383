"""The pages, a file a page; each is one line in `PAGES`, and its `NAV`, where it has one, a line of the menu."""

from itertools import chain
from types import ModuleType

from patchbook.web.page import Nav
from patchbook.web.pages import (
    data_dictionary,
    challenges,
    comments,
    demo,
    exceptions,
    handoffs,
    holdovers,
    home,
    kickoff,
    my_book,
    rules_of_engagement,
    maps,
    inbox,
    proposals,
    publications,
    publish,
    registrations,
    reviews,
    set_up,
    sign_in,
    start,
    workbench,
)

PAGES: tuple[ModuleType, ...] = (
    sign_in,
    set_up,
    demo,
    home,
    start,
    my_book,
    kickoff,
    rules_of_engagement,
    data_dictionary,
    maps,
    workbench,
    inbox,
    proposals,
    reviews,
    challenges,
    publications,
    publish,
    exceptions,
    holdovers,
    registrations,
    handoffs,
    comments,
)

SECTIONS = ("", "Plan", "Own", "Run", "Data", "Admin")
"""The headings of the menu, in order."""

MENU: tuple[Nav, ...] = tuple(
    sorted(
        chain.from_iterable(getattr(page, "NAV", ()) for page in PAGES), key=lambda line: SECTIONS.index(line.section)
    )
)
"""Every line of the menu; within a section in the order of `PAGES`."""
