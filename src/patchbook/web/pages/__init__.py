"""The pages, a file a page; each is one line in `PAGES`, and its `NAV`, where it has one, a line of the menu."""

from itertools import chain
from types import ModuleType

from patchbook.web.page import Nav
from patchbook.web.pages import (
    account,
    admin,
    ask,
    challenges,
    comments,
    comparison,
    data,
    data_dictionary,
    data_duplicates,
    data_families,
    data_quality,
    data_uploads,
    demo,
    disruption,
    exceptions,
    frontier,
    handoffs,
    holdovers,
    home,
    inbox,
    kickoff,
    maps,
    my_book,
    people,
    people_calendar,
    people_changes,
    person,
    plan_borders,
    plan_document,
    plan_history,
    plan_new,
    plan_sharing,
    plans,
    proposals,
    publications,
    publish,
    registrations,
    reviews,
    routing,
    rules,
    rules_of_engagement,
    set_up,
    sign_in,
    start,
    studies,
    territories,
    workbench,
)

PAGES: tuple[ModuleType, ...] = (
    sign_in,
    set_up,
    demo,
    home,
    inbox,
    start,
    plans,
    plan_new,
    comparison,
    disruption,
    frontier,
    studies,
    plan_borders,
    plan_document,
    plan_history,
    plan_sharing,
    publish,
    rules,
    workbench,
    maps,
    proposals,
    reviews,
    challenges,
    publications,
    comments,
    ask,
    account,
    territories,
    people,
    my_book,
    exceptions,
    kickoff,
    rules_of_engagement,
    holdovers,
    registrations,
    handoffs,
    routing,
    people_calendar,
    people_changes,
    person,
    data,
    data_uploads,
    data_quality,
    data_duplicates,
    data_families,
    data_dictionary,
    admin,
)

"""Every page; where two addresses fit, as `/plans/new` and `/plans/{plan_id}`, the one that is meant comes first."""

SECTIONS = ("", "Plan", "Own", "Run", "Data", "Admin")
"""The headings of the menu, in order."""

MENU: tuple[Nav, ...] = tuple(
    sorted(
        chain.from_iterable(getattr(page, "NAV", ()) for page in PAGES), key=lambda line: SECTIONS.index(line.section)
    )
)
"""Every line of the menu; within a section in the order of `PAGES`."""
