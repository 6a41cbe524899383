"""Fills the tables of settings in docs/reference from the lists of settings; `--check` says whether they are current.

A table stands between `<!-- settings: a carve -->` and `<!-- end -->`; the pages of the routing document have those of
its sections, the page of the plan file those of the plan.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from patchbook.leads.sections import SECTIONS
from patchbook.leads.sections.section import Setting as RoutingSetting
from patchbook.plans.setting import Setting
from patchbook.plans.settings import SETTINGS
from patchbook.routing.engagement import SEATS

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
ROUTING = tuple(setting for section in SECTIONS for setting in section.settings)
PAGES: dict[str, Iterable[Setting | RoutingSetting]] = {
    "plan-file.md": SETTINGS,
    "routing-document.md": ROUTING,
    "rules-of-engagement.md": ROUTING,
}
"""Page → the settings its tables are made from."""
WHO = tuple(SEATS)
"""Choices that have a table of their own."""
TABLE = re.compile(r"(<!-- settings: (.+?) -->\n).*?(<!-- end -->)", re.S)


def main() -> int:
    """Write the tables, or with `--check` compare them."""
    stale = []
    for name, settings in PAGES.items():
        page = REFERENCE / name
        text = page.read_text(encoding="utf-8")
        current = filled(text, settings)
        if "--check" not in sys.argv[1:]:
            page.write_text(current, encoding="utf-8")
        elif current != text:
            stale.append(name)
    for name in stale:
        print(f"{name} differs from the settings; run `python tools/settings_tables.py`.", file=sys.stderr)
    return 1 if stale else 0


def filled(text: str, settings: Iterable[Setting | RoutingSetting]) -> str:
    """A page with its tables as the settings are."""
    return TABLE.sub(lambda found: f"{found[1]}{table(found[2], settings)}{found[3]}", text)


def table(where: str, settings: Iterable[Setting | RoutingSetting]) -> str:
    """The settings of one group, as a table."""
    rows = [row(setting) for setting in settings if setting.where == where]
    if not rows:
        raise LookupError(f"No setting stands in {where!r}; the marker of its table names none.")
    return "\n".join(["| Setting | Type | Without it | What it is |", "|---|---|---|---|", *rows, ""])


def row(setting: Setting | RoutingSetting) -> str:
    """One setting as a row."""
    kind = setting.kind
    if setting.choices == WHO:
        kind = "list of [words for people](rules-of-engagement.md#whom-a-word-means)"
    elif setting.choices:
        choices = ", ".join(f"`{choice}`" for choice in setting.choices)
        kind = choices if setting.kind == "choice" else f"{setting.kind}: {choices}"
    without = "needed" if setting.required else setting.default
    return f"| `{setting.name}` | {kind} | {without} | {setting.help} |"


if __name__ == "__main__":
    sys.exit(main())
