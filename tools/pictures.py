"""Takes the pictures of the README and the documentation anew: `make pictures`, or only those named (`NAMES=…`).

They show the demo at one fixed instant, in a real Chromium, so that a picture differs only where a page does.
"""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from patchbook.db.record import open_record
from patchbook.demo.workspace import Workspace, build
from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.out import write
from patchbook.web.app import server_of
from patchbook.web.demo import demo_app

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""A Monday; in the demo the field plan of the year holds since the first of February."""

MOST_KILOBYTES = 250
"""What a picture may weigh: it is kept in the repository and looked at over slow lines."""

DRAFT = "Field 2027, lighter Boston"

COUNTIES = "Counties by territory"

DRAWN = """async () => {
  await document.fonts.ready;
  for (const map of document.querySelectorAll("plan-map, rep-map")) {
    await map.ready;
    await map.showBelow?.();
    if (!map.map) continue;
    const idle = new Promise((done) => map.map.once("idle", done));
    map.map.triggerRepaint();
    await idle;
  }
}"""
"""Waits until every map of a page has its land and its points."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: which page, who looks, on what."""

    name: str
    path: str
    """Where; `{plan}` is the id of the draft that the demo's planner works on."""
    who: str
    """A role of the workspace."""
    waits_for: str = "h1"
    """What has to be seen first."""
    map_shows: str = ""
    """What is chosen on the map, where that is not what it begins with."""
    width: int = 1280
    height: int = 800
    is_dark: bool = False


PICTURES = (
    Picture(
        name="workbench",
        path="/plans/{plan}",
        who="planner",
        waits_for="plan-map canvas",
        map_shows=COUNTIES,
        height=740,
    ),
    Picture(name="account", path="/accounts/C0001", who="planner"),
    Picture(name="home", path="/", who="planner"),
    Picture(name="routing", path="/routing", who="planner"),
    Picture(name="rep-dark", path="/", who="rep", waits_for="rep-map canvas", height=760, is_dark=True),
)
REPORT = "report"
"""The picture of the report that a carve writes, which is no page of the web app."""


def main() -> int:
    """Take every picture, or those named on the command line."""
    wanted = set(sys.argv[1:]) or {REPORT, *(picture.name for picture in PICTURES)}
    if unknown := wanted - {REPORT, *(picture.name for picture in PICTURES)}:
        print(f"There is no picture {', '.join(sorted(unknown))}; the list is in {Path(__file__).name}.")
        return 2
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        workspace = build(scratch, seed=1, at=NOW, say=print)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        with served(workspace) as enter:
            for picture in PICTURES:
                if picture.name in wanted:
                    take(picture, browser, enter, workspace)
        if REPORT in wanted:
            take_report(browser, Path(scratch))
        browser.close()
    return 0


@contextmanager
def served(workspace: Workspace) -> Iterator[str]:
    """Serve the demo while the block runs, at the instant it was made for; the address that signs in."""
    record, secret = open_record(workspace.record), secrets.token_urlsafe(16)
    server = server_of(demo_app(record, workspace, secret, clock=lambda: NOW), port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/demo/{secret}"
    finally:
        server.should_exit = True
        thread.join()
        record.close()


def take(picture: Picture, browser: Browser, enter: str, workspace: Workspace) -> None:
    """Sign in as who looks, open the page, and keep what is seen at first."""
    scheme = "dark" if picture.is_dark else "light"
    size = {"width": picture.width, "height": picture.height}
    context = browser.new_context(viewport=size, color_scheme=scheme, locale="en-US", timezone_id="UTC")
    page, (address, _, _) = context.new_page(), enter.rpartition("/demo/")
    page.goto(enter)
    plans = context.request.get(f"{address}/api/v1/plans").json()["items"]
    (plan_id,) = (plan["plan_id"] for plan in plans if plan["name"] == DRAFT)
    page.goto(f"{address}/demo/as/{quote(workspace.people[picture.who])}")
    page.goto(address + picture.path.format(plan=plan_id))
    page.wait_for_selector(picture.waits_for)
    page.evaluate(DRAWN)
    if picture.map_shows:
        page.get_by_label("Show on the map").select_option(picture.map_shows)
        page.evaluate(DRAWN)
    keep(page, picture.name)
    context.close()


def take_report(browser: Browser, folder: Path) -> None:
    """Carve the demo's field plan, and keep what a first look at its report shows."""
    write(carve(load(folder / "data" / "field.yaml"), seed=1), folder / REPORT)
    page = browser.new_page(viewport={"width": 960, "height": 1290})
    page.goto((folder / REPORT / "report.html").as_uri())
    keep(page, REPORT)


def keep(page: Page, name: str) -> None:
    """Write the picture, and say what it weighs."""
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file, animations="disabled", caret="hide")
    kilobytes = file.stat().st_size / 1000
    print(f"{file.name}: {kilobytes:.0f} kB" + (", which is too much" if kilobytes > MOST_KILOBYTES else ""))


if __name__ == "__main__":
    sys.exit(main())
