"""A messy file dropped, put right and imported; a pair of accounts decided about; in a real browser."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from builders.files import LONG
from builders.serving import served
from builders.web_company import NOW, a_company
from patchbook.db.record import Record

MESSY = (
    "Customer No;Firma;Ort;Land;Mitarbeiter;Notes\n"
    "A-1;Müller & Söhne GmbH;Berlin;DE;120;\n"
    "A-2;Mueller & Soehne;Berlin;DE;12x;=cmd()|'/c calc'!A0\n"
    "A-3;<img src=x onerror=alert(1)>;Hamburg;DE;5;שלום\n"
    f"A-4;{LONG};Paris;FR;7;@sum\n"
    "A-5;cut off\n"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory, _made_sqlite) -> Iterator[tuple[str, Record]]:
    import shutil

    from patchbook.db import open_record

    record = open_record(shutil.copytree(_made_sqlite, tmp_path_factory.mktemp("data") / "data"))
    a_company(record)
    with served(record, NOW) as url:
        yield url, record
    record.close()


def drop(page, content: bytes, name: str) -> None:
    """Let a file go over the place for files, as from a folder of the desktop."""
    page.evaluate(
        """([name, content]) => {
          const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))
          const carried = new DataTransfer()
          carried.items.add(new File([bytes], name))
          document.querySelector(".drop").dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true}))
        }""",
        [name, base64.b64encode(content).decode()],
    )


def test_a_messy_file_is_dropped_put_right_and_imported_with_a_receipt(visit, company):
    url, record = company
    visitor = visit(url, record, "pia", at=NOW, allow=("422",))
    page = visitor.go("/data")

    drop(page, b"\x89PNG\r\n\x1a\n", "photo.csv")
    page.get_by_text("photo.csv is a picture, not a table; choose a file with columns.").wait_for()
    drop(page, MESSY.encode(), "kunden.csv")
    page.get_by_role("heading", name="kunden.csv").wait_for()
    address = page.url
    assert page.get_by_text("Say which column is the account_id").is_visible()
    assert visitor.faults() == []
    page.get_by_label("What Customer No is").select_option("account_id")
    page.get_by_text("you said so").wait_for()
    assert page.get_by_label("What Customer No is").evaluate("element => element === document.activeElement")
    page.get_by_label("What Notes is").select_option("name")  # which frees the column it was
    page.locator("#column-2").get_by_text("Own field: firma").wait_for(state="attached")
    page.reload()  # nothing said is lost
    assert page.get_by_label("What Notes is").input_value() == "name"
    page.get_by_label("What Firma is").select_option("name")
    page.locator("live-preview:not([busy])").wait_for()
    page.get_by_role("button", name="Import").click()

    page.get_by_role("heading", name="What was refused").wait_for()
    assert page.locator(".figure", has_text="Taken").locator("b").inner_text() == "4"
    assert page.get_by_role("cell", name="12x").is_visible()
    assert page.get_by_text("6 columns, as in the header, and not 2").is_visible()
    assert visitor.overflow() <= 0
    page.go_back()  # nothing is done twice
    page.get_by_role("heading", name="Data", exact=True, level=1).wait_for()
    page.goto(address)
    assert "/data/imports/" in page.url


def test_a_pair_is_compared_merged_and_undone(visit, company):
    url, record = company
    from builders.web_company import principal_of
    from patchbook.imports import actions as imports

    rows = b"id,name,domain,city,state,employees\nA1,Acme Inc,acme.com,Boston,MA,\nA2,Acme,acme.com,Boston,MA,70\n"
    with record.writing() as tx:
        imports.accounts(tx, rows, name="crm.csv", by=principal_of("pia"), at=NOW)
    visitor = visit(url, record, "pia", at=NOW, width=390, scheme="dark")
    page = visitor.go("/data/duplicates")
    page.get_by_role("link", name="Decide, best first").click()
    page.get_by_role("heading", name="One company, or two?").wait_for()
    assert visitor.faults() == []
    assert visitor.overflow() <= 0
    name = page.locator("tr.differs", has_text="The company's name")

    page.get_by_label("Take The company's name from").select_option("other")
    assert "kept" in (name.locator("td").nth(1).get_attribute("class") or "")
    page.get_by_label("Why").fill("same office")
    page.get_by_role("button", name="Merge them").click()
    page.get_by_text("from the next import on; it can be undone").wait_for()
    page.get_by_role("button", name="Do as decided").click()
    page.get_by_role("heading", name="crm.csv").wait_for()
    assert page.locator(".figure", has_text="Merged").locator("b").inner_text() == "1"
    visitor.go("/data/duplicates?decided=true")
    page.get_by_role("button", name="Undo").click()

    page.get_by_text("are two accounts to be decided about again").wait_for()
