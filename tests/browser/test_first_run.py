"""A whole first year without the command line: from an empty record and a messy real file to an owner and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.serving import served
from patchbook.db.record import Record
from patchbook.demo.generate import write_demo
from patchbook.web.app import create_app

NOW = datetime(2027, 1, 11, 9, tzinfo=UTC)
HEADER = {"account_id": "Kunden Nr", "name": "Firma", "potential_usd": "Jahresumsatz", "city": "Ort", "state": "State"}
TAKEN = 240


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real companies as a hurried colleague sends them, and six of the people who sell."""
    folder = tmp_path_factory.mktemp("files")
    write_demo(folder, seed=1)
    accounts = rows_of(folder / "accounts.csv")[:TAKEN]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER.values())
    writer.writerows([row[name] for name in HEADER] for row in accounts)
    writer.writerow(["X-1", "Cut off"])
    writer.writerow(["X-2", "Söhne & Töchter", "about 5", "Nowhere", "ZZ"])
    (folder / "kunden.csv").write_bytes(out.getvalue().encode("cp1252"))
    people = rows_of(folder / "people.csv")
    reps = [row for row in people if row["role"] == "Field rep"][::4][:6]
    with (folder / "team.csv").open("w", encoding="utf-8", newline="") as file:
        team = csv.DictWriter(file, reps[0])
        team.writeheader()
        team.writerows({**row, "manager_id": ""} for row in reps)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.fixture
def empty(sqlite_record: Record) -> Iterator[str]:
    app = create_app(sqlite_record, clock=lambda: NOW)
    with served(sqlite_record, NOW, app=app) as url:
        yield f"{url}/set-up/{app.state.set_up_secret}"


def test_from_an_empty_record_and_a_messy_file_to_a_published_plan(visit, empty, files):
    url, _, secret = empty.rpartition("/set-up/")
    visitor = visit(url)
    page = visitor.go(f"/set-up/{secret}")
    page.set_default_timeout(30_000)
    page.get_by_label("Your name").fill("Ada Abbott")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Begin").click()

    def next_step(name: str) -> None:
        """The step that is next leads to where it is done."""
        visitor.go("/start")
        step = page.locator("[aria-current=step]")
        assert step.locator("h2").inner_text().startswith(name)
        step.get_by_role("link").click()

    next_step("Import accounts")
    page.locator("#file").set_input_files(files / "kunden.csv")
    page.get_by_role("button", name="Upload and look at it").click()
    page.get_by_role("heading", name="kunden.csv").wait_for()
    page.get_by_label("What Jahresumsatz is").select_option("revenue_usd")
    page.locator("live-preview:not([busy])").wait_for()
    page.get_by_role("button", name="Import").click()
    page.get_by_role("heading", name="What was refused").wait_for()
    assert page.locator(".figure", has_text="Taken").locator("b").inner_text() == str(TAKEN + 1)

    next_step("Import people")
    page.get_by_label("People").check()
    page.locator("#file").set_input_files(files / "team.csv")
    page.get_by_role("button", name="Upload and look at it").click()
    page.get_by_role("heading", name="team.csv").wait_for()
    page.get_by_role("button", name="Import").click()
    page.locator(".figure", has_text="Taken").wait_for()

    next_step("Define a plan")
    page.get_by_label("What it is called").fill("First year")
    page.get_by_label("From when it holds").fill("2027-01-11")
    page.get_by_label("What is shared fairly").select_option("revenue_usd")
    page.get_by_label("How far from a fair share one may be").select_option("10")
    page.get_by_role("button", name="Start the plan").click()

    page.get_by_role("heading", name="First year").wait_for()
    page.get_by_label("Seconds at most, a layer").fill("2")
    page.locator(".carving").get_by_role("button", name="Carve", exact=True).click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("heading", name="Territories").wait_for()
    next_step("Compare")
    page.get_by_role("heading", level=1).wait_for()

    visitor.go("/plans")
    page.locator("details.more summary").first.click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Submit for approval").click()
    page.locator(".said p").wait_for()
    next_step("Approve")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Look at what publishing changes").click()
    for box in page.locator("[name=seen]").all():
        box.check()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".publish").get_by_role("button", name="Publish").click()
    page.wait_for_url("**/publications/**")

    page.get_by_label("Who owns…").fill("3M")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="3M").first.click()
    page.get_by_role("heading", name="3M").wait_for()
    assert page.get_by_text("First year").first.is_visible()
    visitor.go("/start")
    assert page.locator("[aria-current=step]").count() == 0
