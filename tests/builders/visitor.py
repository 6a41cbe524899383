"""Somebody in a browser: what it complains of, what axe finds, whether the page fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent.parent / "browser" / "vendor" / "axe-core" / "axe.min.js"


@dataclass
class Visitor:
    """Somebody in a browser of their own, and what the browser complained of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(f"{self.url}{path}")
        return self.page

    def faults(self) -> list[str]:
        """What axe finds on the page as it is that is serious or worse (WCAG 2.2 A and AA), each in a line."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.page.evaluate("scrollTo(0, 0)")  # what is scrolled below the bar is not covered by it for ever
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found: list[dict[str, Any]] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(r => r.violations)", rules
        )
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {one['nodes'][0]['html'][:200]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def looked_at(page: Page, url: str) -> Visitor:
    """A page whose complaints are kept."""
    page.set_default_timeout(30_000)  # several share the machine
    visitor = Visitor(page=page, url=url)
    page.on("console", lambda said: said.type in ("error", "warning") and visitor.complaints.append(said.text))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    return visitor
