"""The map of a plan in headless Chromium: until accounts are seen, after a move, bytes fetched, memory.

python -m benchmarks.web.map [--accounts 100000] [--moved 500] [--runs 5]

The graphics card is imitated by software, as on a machine without one.
"""

from __future__ import annotations

import argparse
import shutil
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.web.map_page import MapPage, served
from patchbook.web.geometry import make_ready

SWITCHES = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--enable-precise-memory-info"]  # fmt: skip

DRAWN = "addEventListener('map:drawn', () => { window.drawn = performance.now(); });"

REPAINT = """async ([from, count, territory]) => {
    const element = document.querySelector("plan-map"), ids = element.ids.slice(from, from + count);
    const began = performance.now();
    const drawn = new Promise(done => element.map.once("render", done));
    element.move(ids, territory);
    await drawn;
    element.layer.gl.finish();
    return performance.now() - began;
}"""


def main() -> None:
    """Print one line a figure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--accounts", type=int, default=100_000)
    options.add_argument("--moved", type=int, default=500)
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    make_ready()
    page = MapPage(chosen.accounts)
    print(f"{chosen.accounts:,} accounts, {len(page.named)} territories; median of {chosen.runs}")
    with served(page.app()) as url, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        for mode in ("points", "counties"):
            runs = [one_run(chromium, f"{url}/?mode={mode}", moved=chosen.moved) for _ in range(chosen.runs)]
            told = {name: median(run[name] for run in runs) for name in runs[0]}
            print(f"{mode}:")
            print(f"  accounts seen after      {told['drawn']:8,.0f} ms")
            print(f"  a move of {chosen.moved:,} repainted {told['repaint']:8,.0f} ms")
            print(f"  JavaScript memory        {told['heap'] / 1e6:8,.0f} MB")
        chromium.close()
    report_bytes(page.fetched_bytes)


def one_run(chromium: Browser, address: str, *, moved: int) -> dict[str, float]:
    """One visit with an empty cache."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    tab: Any = context.new_page()
    tab.set_default_timeout(120_000)
    tab.add_init_script(DRAWN)
    tab.goto(address)
    tab.evaluate("customElements.whenDefined('plan-map').then(() => document.querySelector('plan-map').ready)")
    tab.wait_for_timeout(3_000)  # counties come after the accounts; a planner moves none before
    repaints = [tab.evaluate(REPAINT, [turn * moved, moved, f"Patch {turn}"]) for turn in range(5)]
    found = {
        "drawn": float(tab.evaluate("window.drawn")),
        "repaint": median(repaints),
        "heap": float(tab.evaluate("performance.memory.usedJSHeapSize")),
    }
    context.close()
    return found


def report_bytes(fetched: dict[str, int]) -> None:
    """What came over the wire, compressed, by what it is."""
    library = sum(size for name, size in fetched.items() if name.startswith("vendor/"))
    ours = sum(size for name, size in fetched.items() if name.endswith((".js", ".css")) and name[:6] != "vendor")
    data = {name: fetched.get(name, 0) for name in ("points", "counties", "ids", "ownership", "territories")}
    ground = {name: size for name, size in fetched.items() if name in ("us-states", "countries-coarse")}
    print("compressed, kB:")
    print(f"  page, scripts and styles {(ours + fetched['page']) / 1e3:8,.0f}")
    print(f"  land of a first view     {sum(ground.values()) / 1e3:8,.0f}")
    print(f"  map library              {library / 1e3:8,.0f}")
    print(f"  counties, when painted   {fetched.get('us-counties', 0) / 1e3:8,.0f}")
    for name, size in data.items():
        print(f"  {name:24} {size / 1e3:8,.0f}")


if __name__ == "__main__":
    main()
