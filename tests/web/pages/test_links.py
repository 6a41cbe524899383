"""No link leads nowhere: what each role's pages link to opens for that role."""

from __future__ import annotations

import re
from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from builders.demo_workspace import DEMO_NOW
from patchbook import access
from patchbook.web.app import create_app
from patchbook.web.pages import PAGES

ROUTES = [
    route for page in PAGES for route in page.router.routes if isinstance(route, APIRoute) and "GET" in route.methods
]
EACH_AT_MOST = 1
"""How many addresses of one pattern are opened: a book has many accounts, and one page stands for them all."""


class Links(HTMLParser):
    """The addresses a page leads to by a click, and the scripts' addresses of its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a" and told.get("href"):
            self.found.append(str(told["href"]))
        elif tag in ("img", "later-part", "live-part") and told.get("src"):
            self.found.append(str(told["src"]))


def pattern_of(address: str) -> str:
    """Which page an address is of, with the names of what it is asked for; ids aside."""
    told = urlsplit(address)
    asked = sorted(set(re.findall(r"(?:^|&)(\w+)=", told.query)))
    page = next((route.path for route in ROUTES if route.path_regex.match(told.path)), told.path)
    if told.path.startswith("/api/"):
        page = re.sub(r"/[^/]*\d[^/]*", "/{}", told.path)
    return f"{page}?{'&'.join(asked)}"


def walked(client: TestClient, start: str = "/") -> list[str]:
    """Every address reached from the first page that does not answer 200, with the page it stands on."""
    dead: list[str] = []
    seen, opened = {start}, Counter[str]()
    waiting = deque([(start, "")])
    while waiting:
        address, stood_on = waiting.popleft()
        if opened[pattern_of(address)] >= EACH_AT_MOST:
            continue
        opened[pattern_of(address)] += 1
        answer = client.get(address)
        if answer.status_code != 200:
            dead.append(f"{address} on {stood_on}: {answer.status_code}")
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        links = Links()
        links.feed(answer.text)
        for link in links.found:
            told = urlsplit(urljoin(str(answer.url), link))
            path = told.path + (f"?{told.query}" if told.query else "")
            is_ours = told.netloc == "testserver" and not told.path.startswith(("/static/", "/demo/", "/sign-out"))
            if is_ours and path not in seen:
                seen.add(path)
                waiting.append((path, address))
    assert len(opened) > 15, "the walk did not get far"
    return dead


@pytest.mark.parametrize("who", ["R01", "R02", "M01", "P108", "R03"])
def test_no_link_leads_nowhere(demo_record, who):
    with demo_record.writing() as tx:
        begun = access.begin(tx, who, how="test", at=DEMO_NOW)
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    client = TestClient(create_app(demo_record, clock=lambda: DEMO_NOW), base_url="http://testserver", headers=headers)
    client.cookies.set("patchbook-session", begun.secret)

    assert walked(client) == []
