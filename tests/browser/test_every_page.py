"""
Every page in a real browser, in a company whose every name is hostile: nothing of it runs, and nothing breaks the page.

Each fits, light and dark, wide and narrow, and has no serious fault as axe sees it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from browser.every_page import PAGES
from builders.demo_workspace import DEMO_NOW, copied
from builders.hostile import make_hostile
from builders.serving import served
from builders.visitor import looked_at
from patchbook import access
from patchbook.db.record import Record, open_record
from patchbook.demo.workspace import Workspace
from patchbook.people.principal import system

LISTS = {
    "plan_id": "plans?status=draft",
    "review_plan_id": "plans?status=in%20review",
    "account_id": "accounts",
    "person_id": "people",
    "territory_id": "territories",
    "proposal_id": "proposals",
    "challenge_id": "challenges",
    "exception_id": "exceptions",
    "publication_id": "publications",
    "lead_id": "leads",
    "import_id": "imports",
}
"""What stands in braces → the list of the API whose first item has the id."""


@pytest.fixture(scope="module")
def demo(demo_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Record]]:
    record = open_record(copied(demo_workspace, tmp_path_factory.mktemp("every-page") / "demo").record)
    make_hostile(record, by=system(), at=DEMO_NOW)
    with served(record, DEMO_NOW) as url:
        yield url, record
    record.close()


@pytest.fixture(scope="module")
def looking(browser, demo) -> Iterator[Any]:
    """One page of a browser, signed in as the admin, who sees every page."""
    url, record = demo
    with record.writing() as tx:
        begun = access.begin(tx, "R02", how="test", at=DEMO_NOW)
    context = browser.new_context(locale="en-GB", timezone_id="UTC")
    context.add_cookies([{"name": "patchbook-session", "value": begun.secret, "url": url}])
    client = httpx2.Client(base_url=f"{url}/api/v1/", cookies={"patchbook-session": begun.secret})
    yield context, client
    client.close()
    context.close()


@pytest.fixture(scope="module")
def exports() -> set[str]:
    """The addresses of the files that the pages looked at so far offer."""
    return set()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_shows_names_as_text_and_has_no_serious_fault(looking, demo, exports, path):
    context, client = looking
    page = context.new_page()
    visitor = looked_at(page, demo[0])
    page.set_viewport_size({"width": 1280, "height": 900})

    answer = page.goto(demo[0] + filled(path, client))
    assert answer.status == 200, page.inner_text("body")[:500]
    page.wait_for_load_state("load")
    faults = {"light": visitor.faults()}
    wide = visitor.overflow()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    faults["dark"] = visitor.faults()
    narrow = visitor.overflow()
    heading = page.locator("h1").count()
    planted = page.evaluate("[window.hit, document.querySelectorAll('img[src=x], main script').length]")
    exports.update(page.eval_on_selector_all("a[download]", "links => links.map(link => link.href)"))
    page.close()

    assert faults == {"light": [], "dark": []}
    assert (wide, narrow) == (0, 0)
    assert heading == 1
    assert planted == [None, 0]
    assert visitor.complaints == []


def test_no_cell_of_an_exported_list_runs_as_a_formula(looking, exports):
    _, client = looking
    assert exports

    for address in sorted(exports):
        answer = client.get(address)
        assert answer.status_code == 200, address
        if "csv" in answer.headers["content-type"]:
            cells = [cell for row in csv.reader(answer.text.splitlines()) for cell in row]
            running = [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "-="))]
            assert running == [], address


def filled(path: str, client: httpx2.Client) -> str:
    """The path with real ids in its braces."""

    def first(match: re.Match[str]) -> str:
        name = match[1]
        items = client.get(LISTS[name]).raise_for_status().json()["items"]
        assert items, f"the demo has nothing of {LISTS[name]}"
        field = name.removeprefix("review_")
        item = items[0] if field in items[0] else items[0]["territory"]  # a node of the tree holds its territory
        return str(item[field])

    return re.sub(r"\{(\w+)\}", first, path)
