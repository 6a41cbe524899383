"""Fills the tables of docs/reference/plan-file.md from the list of settings; `--check` says whether they are current.

A table stands between `<!-- settings: a carve -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from patchbook.plans.settings import SETTINGS, Setting, Where

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "plan-file.md"
TABLE = re.compile(r"(<!-- settings: (.+?) -->\n).*?(<!-- end -->)", re.S)


def main() -> int:
    """Write the tables, or with `--check` compare them."""
    text = PAGE.read_text(encoding="utf-8")
    current = TABLE.sub(lambda found: f"{found[1]}{table(found[2])}{found[3]}", text)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(current, encoding="utf-8")
        return 0
    if current == text:
        return 0
    print(f"{PAGE.name} differs from the settings; run `python tools/settings_tables.py`.", file=sys.stderr)
    return 1


def table(where: Where) -> str:
    """The settings of one part of a plan, as a table."""
    rows = [row(setting) for setting in SETTINGS if setting.where == where]
    return "\n".join(["| Setting | Type | Without it | What it is |", "|---|---|---|---|", *rows, ""])


def row(setting: Setting) -> str:
    """One setting as a row."""
    kind = setting.kind
    if setting.choices:
        choices = ", ".join(f"`{choice}`" for choice in setting.choices)
        kind = choices if setting.kind == "choice" else f"{setting.kind}: {choices}"
    without = "needed" if setting.required else setting.default
    return f"| `{setting.name}` | {kind} | {without} | {setting.help} |"


if __name__ == "__main__":
    sys.exit(main())
