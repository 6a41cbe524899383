"""Every setting of the rules of engagement is on its page."""

from __future__ import annotations

from pathlib import Path

from patchbook.leads.sections.engagement import SETTINGS
from patchbook.routing.engagement import SEATS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules-of-engagement.md"


def test_every_setting_and_every_seat_is_in_the_reference():
    text = PAGE.read_text(encoding="utf-8")
    rows = [f"| {one.help} |" for one in SETTINGS] + [f"| `{seat}` |" for seat in SEATS]

    assert [row for row in rows if row not in text] == []
