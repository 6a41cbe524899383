"""The map of a plan in a real browser: drawn, chosen from by mouse and keyboard, painted, and told without WebGL."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from benchmarks.web.map_page import MapPage, served

NO_GL = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]

ACCOUNTS = 300

COLOUR_AT = """async account => {
    const element = document.querySelector("plan-map"), map = element.map, gl = element.layer.gl;
    const [lng, lat] = element.places.degrees.slice(2 * account, 2 * account + 2);
    const at = map.project([lng, lat]), ratio = map.getPixelRatio(), seen = new Uint8Array(4);
    const drawn = new Promise(done => map.once("render", done));
    map.triggerRepaint();
    await drawn;
    const [x, y] = [Math.round(at.x * ratio), gl.drawingBufferHeight - Math.round(at.y * ratio)];
    gl.readPixels(x, y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, seen);
    return "#" + [...seen.slice(0, 3)].map(part => part.toString(16).padStart(2, "0")).join("");
}"""

PLACE_OF = """account => {
    const element = document.querySelector("plan-map");
    const at = element.map.project([...element.places.degrees.slice(2 * account, 2 * account + 2)]);
    return [at.x, at.y];
}"""

COLOUR_OF = """number => {
    const seen = document.body.appendChild(document.createElement("span"));
    seen.className = `c${number}`;
    seen.style.color = "var(--c)";
    const [red, green, blue] = getComputedStyle(seen).color.match(/\\d+/g).map(Number);
    seen.remove();
    return "#" + [red, green, blue].map(part => part.toString(16).padStart(2, "0")).join("");
}"""


@dataclass
class Opened:
    """A page with a map, and what the browser complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def told(self) -> list[Any]:
        """The events of the map since last asked: name and detail."""
        return list(self.page.evaluate("window.told.splice(0)"))

    def place(self, account: int) -> tuple[float, float]:
        """Where on the page an account is."""
        x, y = self.page.evaluate(PLACE_OF, account)
        return x, y

    def colour(self, account: int) -> str:
        """The colour an account is drawn in."""
        return str(self.page.evaluate(COLOUR_AT, account))

    def palette(self, number: int) -> str:
        """A colour of the style sheet."""
        return str(self.page.evaluate(COLOUR_OF, number))


@pytest.fixture(scope="module")
def plan() -> MapPage:
    return MapPage(ACCOUNTS, territories=6)


@pytest.fixture(scope="module")
def address(plan: MapPage) -> Iterator[str]:
    with served(plan.app()) as url:
        yield url


def opened(browser: Browser, address: str, *, query: str = "", scheme: str = "light", width: int = 1000) -> Opened:
    page = browser.new_page(viewport={"width": width, "height": 640}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(20_000)
    shown = Opened(page=page)
    page.on("console", lambda message: shown.complaints.append(message.text))
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.add_init_script(
        "window.told = []; for (const name of ['map:selected', 'map:brushed', 'map:unavailable', 'map:drawn'])"
        " addEventListener(name, event => window.told.push([name, event.detail]));"
    )
    page.goto(f"{address}/?{query}")
    page.evaluate("document.querySelector('plan-map').ready")
    return shown


@pytest.fixture
def shown(browser: Browser, address: str) -> Iterator[Opened]:
    found = opened(browser, address, query="brush-to=Patch 2")
    found.told()
    yield found
    assert found.complaints == []
    found.page.close()


def alone(plan: MapPage, count: int, *, of: int | None = None) -> list[int]:
    """Accounts far from every other, so that a click hits no neighbour."""
    here = plan.frame.select("longitude", "latitude").to_numpy()
    distance = np.linalg.norm(here[:, None] - here[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    order = np.argsort(-distance.min(axis=1))
    middle = [one for one in order.tolist() if -115 < here[one, 0] < -85 and 31 < here[one, 1] < 46]
    return [one for one in middle if of is None or plan.owner[one] == of][:count]


def test_accounts_have_the_colours_of_their_territories_and_a_move_paints_them_anew(
    shown: Opened, plan: MapPage
) -> None:
    [account] = alone(plan, 1, of=int(plan.owner[alone(plan, 1)[0]]))
    before, target = plan.named[plan.owner[account]], plan.named[(plan.owner[account] + 1) % 6]

    assert shown.colour(account) == shown.palette(before["colour"])

    shown.page.evaluate(
        "([id, name]) => document.querySelector('plan-map').move([id], name)", [f"A{account:07}", target["name"]]
    )
    assert shown.colour(account) == shown.palette(target["colour"])

    shown.page.emulate_media(color_scheme="dark")
    assert shown.palette(target["colour"]) == shown.colour(account)
    assert shown.page.evaluate("document.querySelector('plan-map').layer.theme.water") == "#17181a"


def test_a_click_selects_shift_adds_and_escape_lets_go(shown: Opened, plan: MapPage) -> None:
    first, second = alone(plan, 2)

    shown.page.mouse.click(*shown.place(first))
    assert shown.told() == [["map:selected", {"ids": [f"A{first:07}"]}]]

    shown.page.keyboard.down("Shift")
    shown.page.mouse.click(*shown.place(second))
    shown.page.keyboard.up("Shift")
    assert shown.told() == [["map:selected", {"ids": [f"A{first:07}", f"A{second:07}"]}]]

    shown.page.locator("plan-map canvas").focus()
    shown.page.keyboard.press("Escape")
    assert shown.told() == [["map:selected", {"ids": []}]]


def test_a_box_and_a_lasso_select_what_lies_inside(shown: Opened, plan: MapPage) -> None:
    [account] = alone(plan, 1)
    x, y = shown.place(account)
    mouse = shown.page.mouse

    shown.page.keyboard.down("Shift")
    mouse.move(x - 12, y - 12)
    mouse.down()
    mouse.move(x + 12, y + 12, steps=3)
    mouse.up()
    shown.page.keyboard.up("Shift")
    [[_, boxed]] = shown.told()

    shown.page.locator("plan-map canvas").focus()
    shown.page.keyboard.press("l")
    lasso = shown.page.get_by_role("button", name="Select with a lasso (L)")
    assert lasso.get_attribute("aria-pressed") == "true"
    mouse.move(x - 14, y)
    mouse.down()
    for to_x, to_y in ((x, y - 14), (x + 14, y), (x, y + 14), (x - 14, y)):
        mouse.move(to_x, to_y, steps=2)
    mouse.up()
    [[_, ringed]] = shown.told()

    assert boxed == ringed == {"ids": [f"A{account:07}"]}
    assert shown.place(account) == pytest.approx((x, y))  # neither dragged the map
    shown.page.keyboard.press("Escape")
    assert lasso.get_attribute("aria-pressed") == "false"


def test_the_brush_paints_what_it_passes_over(shown: Opened, plan: MapPage) -> None:
    [account] = [one for one in alone(plan, 40) if plan.owner[one] != 2][:1]
    x, y = shown.place(account)

    shown.page.get_by_role("button", name="Paint accounts: Patch 2").click()
    shown.page.mouse.move(x - 40, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x, y, steps=4)
    shown.page.mouse.up()

    [[name, detail]] = shown.told()
    assert (name, detail["territory"]) == ("map:brushed", "Patch 2")
    assert f"A{account:07}" in detail["ids"]
    assert shown.colour(account) == shown.palette(plan.named[2]["colour"])


def test_counties_take_the_colour_of_most_of_their_accounts_and_what_is_picked_stands_out(
    browser: Browser, address: str, plan: MapPage
) -> None:
    shown = opened(browser, address, query="mode=counties&readonly")
    shown.page.wait_for_function("() => document.querySelector('plan-map').areas?.shown.size > 0")
    numbers = np.frombuffer(gzip.decompress(plan.points.parts["counties"]), "<u2")
    county = int(numbers[0])
    [near, empty] = shown.page.evaluate(
        "[...document.querySelector('plan-map').areas.nearest].map(pair => pair.reverse())[0]"
    )
    state = (
        """county => document.querySelector("plan-map").map.getFeatureState({ source: "us-counties", id: county })"""
    )

    for held, painted, strength in ((county, county, 0.62), (near, empty, 0.3)):
        most = np.bincount(plan.owner[numbers == held]).argmax()
        assert shown.page.evaluate(state, painted) == {"colour": plan.named[most]["colour"], "strength": strength}

    shown.page.evaluate("document.querySelector('plan-map').picked = ['Patch 1']")
    dimmed = shown.page.evaluate("[...document.querySelector('plan-map').layer.look]")
    assert [look == 1 for look in dimmed] == (plan.owner != 1).tolist()
    assert shown.page.get_by_role("button", name="Paint").count() == 0
    assert shown.complaints == []
    shown.page.close()


def plan_counties(plan: MapPage) -> bytes:
    import gzip

    return gzip.decompress(plan.points.parts["counties"])


def test_the_buttons_are_reached_by_tab_in_a_phones_width_too(browser: Browser, address: str) -> None:
    shown = opened(browser, address, width=360, scheme="dark")
    names = []
    for _ in range(8):
        shown.page.keyboard.press("Tab")
        names.append(shown.page.evaluate("document.activeElement.getAttribute('aria-label')"))

    wanted = ["Zoom in", "Zoom out", "Show all accounts", "Select with a box (B)", "Select with a lasso (L)"]
    assert [name for name in names if name in wanted] == wanted
    assert "Map of accounts" in names
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert shown.complaints == []
    shown.page.close()


def test_a_map_that_is_taken_away_leaves_nothing_and_can_come_back(shown: Opened) -> None:
    left = shown.page.evaluate(
        """async () => {
            const map = document.querySelector("plan-map");
            map.remove();
            const left = map.childElementCount;
            document.body.append(map);
            await map.ready;
            return [left, map.querySelectorAll("canvas").length];
        }"""
    )

    assert left == [0, 1]
    assert [name for name, _ in shown.told()] == ["map:drawn"]


def test_what_the_server_refuses_is_told_in_its_words(browser: Browser, address: str) -> None:
    shown = opened(browser, address, query="points=/data/refused")

    assert shown.page.locator(".map-said").inner_text() == "The plan was carved again; load the page again."
    [[name, detail]] = shown.told()
    assert (name, detail["why"]) == ("map:unavailable", "The plan was carved again; load the page again.")
    shown.page.close()


def test_without_webgl_the_page_says_so_and_does_not_break(browser: Browser, address: str) -> None:
    chromium = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=NO_GL)
    shown = opened(chromium, address)

    assert "WebGL is off or missing. The table has the same accounts." in shown.page.locator(".map-said").inner_text()
    assert shown.page.locator("canvas").count() == 0
    assert shown.complaints == []
    chromium.close()
