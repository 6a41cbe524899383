"""A real Chromium, a record served for it, and somebody who looks; whatever the browser complains of fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from builders.visitor import Visitor, looked_at
from patchbook import access
from patchbook.db.record import Record

SWITCHES = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        yield chromium
        chromium.close()


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
            visitor = looked_at(context.new_page(), url)
            stack.callback(_closed, context, visitor, allow)
            return visitor

        yield made


def _closed(context: Any, visitor: Visitor, allow: tuple[str, ...]) -> None:
    context.close()
    unexpected = [said for said in visitor.complaints if not any(part in said for part in allow)]
    assert unexpected == []
