"""The section `free_mail`: further domains at which anybody can have a mailbox."""

from __future__ import annotations

from patchbook.accounts.values.domains import parse_domain
from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section
from patchbook.plans import values
from patchbook.plans.parts import items
from patchbook.plans.tree import Node
from patchbook.plans.values import Wrong


def read(node: Node, reader: SectionReader) -> frozenset[str]:
    """The domains a person wrote."""
    found: set[str] = set()
    for number, item in enumerate(items(node)):
        with reader.reported(item, f"free_mail[{number}]", ""):
            found.add(_domain(values.text(item)))
    return frozenset(found)


def _domain(written: str) -> str:
    domain = parse_domain(written)
    if domain is None:
        raise Wrong(f"{written!r} is not a domain; write one as example.com")
    return domain


SECTION = Section(
    name="free_mail",
    help="Domains of mail for everybody, beside those that are known: they say nothing about a company.",
    read=read,
    default=frozenset,
)
