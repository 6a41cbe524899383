"""The report in a real browser: wide and narrow, light and dark, by keyboard, without a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from builders.results import a_result
from patchbook.plans.out import write


@dataclass
class Opened:
    """A report that a browser shows, and what the browser complained of or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(a_result(), tmp_path_factory.mktemp("shown") / "out") / "report.html"


def opened(browser: Browser, report: Path, *, width: int = 1280, scheme: str = "light") -> Opened:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    shown = Opened(page=page)
    page.on("console", lambda message: shown.complaints.append(message.text))
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on("request", lambda request: shown.requests.append(request.url))
    page.goto(report.as_uri())
    return shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_report_fits_complains_of_nothing_and_asks_for_nothing(
    browser: Browser, report: Path, width: int, scheme: str
) -> None:
    shown = opened(browser, report, width=width, scheme=scheme)

    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.complaints == []
    assert [url for url in shown.requests if not url.startswith(("file:", "data:"))] == []
    assert shown.page.locator(".patchbook-map circle").count() == 9
    dark = shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 24, 26)"
    assert dark == (scheme == "dark")
    shown.page.close()


def test_the_keyboard_reaches_the_search_and_an_account_tells_its_reason(browser: Browser, report: Path) -> None:
    shown = opened(browser, report)
    for _ in range(40):
        shown.page.keyboard.press("Tab")
        if shown.page.evaluate("document.activeElement.id") == "search":
            break
    shown.page.keyboard.type("company 5")

    result = shown.page.locator("#results li")
    assert result.count() == 1
    assert "Middle · Bo · before: Ann" in result.inner_text()
    assert "Middle is nearest and has room." in result.inner_text()
    assert shown.page.locator("#found").inner_text() == "1 account."
    assert shown.complaints == []
    shown.page.close()


def test_a_name_nobody_has_is_said(browser: Browser, report: Path) -> None:
    shown = opened(browser, report)

    shown.page.fill("#search", "nobody of that name")

    assert shown.page.locator("#found").inner_text() == "No account is called that."
    shown.page.close()


def test_picking_a_territory_dims_the_others_and_escape_lets_go(browser: Browser, report: Path) -> None:
    shown = opened(browser, report)
    button = shown.page.get_by_role("button", name="Middle")

    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert shown.page.locator(".patchbook-map circle.picked").count() == 3

    shown.page.keyboard.press("Escape")
    assert button.get_attribute("aria-pressed") == "false"
    assert shown.page.locator(".picked").count() == 0
    shown.page.close()


def test_a_column_sorts_by_value_and_says_which_way(browser: Browser, report: Path) -> None:
    shown = opened(browser, report)
    heading = shown.page.locator("#table th", has_text="Potential")

    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert shown.page.locator("#table tbody th").first.inner_text() == "Middle"

    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert shown.page.locator("#table tbody th").last.inner_text() == "Middle"
    shown.page.close()


def test_without_script_everything_but_the_search_is_there(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())

    assert page.locator("#find").is_visible() is False
    assert page.locator("#table tbody tr").count() == 3
    context.close()
