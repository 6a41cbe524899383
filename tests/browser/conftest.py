"""A real Chromium, a record served for it, and somebody who looks; whatever the browser complains of fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from patchbook import access
from patchbook.db.record import Record

SWITCHES = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader"]  # fmt: skip

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        yield chromium
        chromium.close()


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


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """
    `visit(url)` is somebody without a session, `visit(url, record, "P101", at=…)` is that person signed in.

    At the end no browser may have complained, except of what `allow` names.
    """
    with ExitStack() as stack:

        def made(
            url: str,
            record: Record | None = None,
            who: str | None = None,
            *,
            at: datetime | None = None,
            width: int = 1280,
            height: int = 900,
            scheme: str = "light",
            allow: tuple[str, ...] = (),
        ) -> Visitor:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB", timezone_id="UTC"
            )  # type: ignore[arg-type]
            if record is not None and who is not None and at is not None:
                with record.writing() as tx:
                    begun = access.begin(tx, who, how="test", at=at)
                context.add_cookies([{"name": "patchbook-session", "value": begun.secret, "url": url}])
            page = context.new_page()
            page.set_default_timeout(15_000)
            visitor = Visitor(page=page, url=url)
            page.on("console", lambda said: said.type in ("error", "warning") and visitor.complaints.append(said.text))
            page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
            stack.callback(_closed, context, visitor, allow)
            return visitor

        yield made


def _closed(context: Any, visitor: Visitor, allow: tuple[str, ...]) -> None:
    context.close()
    unexpected = [said for said in visitor.complaints if not any(part in said for part in allow)]
    assert unexpected == []
