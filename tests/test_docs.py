"""The documentation says what the product does: all is documented, every block runs, every link leads somewhere."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builders.sharing import made_once
from tools import blocks, pictures

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = blocks.pages()


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_pages_made_from_the_code_are_as_the_code_is():
    done = subprocess.run([sys.executable, "tools/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True)

    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("page", "module", "names"),
    [
        ("measures.md", "patchbook.measures", lambda room: [measure.key for measure in room.MEASURES]),
        ("plan-file.md", "patchbook.plans.settings", lambda room: [setting.name for setting in room.SETTINGS]),
        (
            "routing-document.md",
            "patchbook.leads.sections",
            lambda room: [setting.name for section in room.SECTIONS for setting in section.settings],
        ),
        ("fields.md", "patchbook.accounts.fields", lambda room: [field.name for field in room.FIELDS]),
        ("studies.md", "patchbook.plans.studies", lambda room: [study.name for study in room.STUDIES]),
        ("results.md", "patchbook.plans.out", lambda room: [writer.file for writer in room.WRITERS]),
    ],
)
def test_everything_in_a_list_is_on_its_page(page, module, names):
    text = (DOCS / "reference" / page).read_text(encoding="utf-8")

    missing = [name for name in names(importlib.import_module(module)) if f"`{name}`" not in text]

    assert missing == [], f"docs/reference/{page} does not name {', '.join(missing)}"


def test_every_room_is_in_the_tables_of_the_architecture():
    text = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in sorted((ROOT / "src" / "patchbook").glob("*/__init__.py"))]

    assert [room for room in rooms if f"`{room}`" not in text] == []


def test_every_error_says_when_it_is_raised():
    rows = re.findall(r"^\| `(\w+)` \| `[\w.]+` \| (.*) \|$", (DOCS / "reference" / "errors.md").read_text(), re.M)

    assert len(rows) > 10
    assert [error for error, when in rows if not when] == []


def test_every_parameter_of_every_command_has_help():
    rows = re.findall(r"^\| (`.+?`) \| (.*) \|$", (DOCS / "reference" / "cli.md").read_text(), re.M)

    assert len(rows) > 10
    assert [parameter for parameter, about in rows if not about or about.startswith("Default:")] == []


def test_a_word_of_the_glossary_is_defined_once():
    body = (DOCS / "glossary.md").read_text(encoding="utf-8").split(":sorted:\n", 1)[1]
    words = [line for line in body.splitlines() if line and not line.startswith((" ", "`"))]

    assert sorted(words) == sorted(set(words))
    assert {"account", "carve", "measure", "plan", "seat", "territory", "tolerance"} <= set(words)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_to_pages_and_files_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|<img[^>]* src=\"([^\"]+)\"", page.read_text(encoding="utf-8"))
    local = [link or image for link, image in links if "://" not in (link or image)]

    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_picture_is_taken_by_the_script_shown_somewhere_and_light():
    taken = {f"{name}.png" for name in (pictures.REPORT, *(picture.name for picture in pictures.PICTURES))}
    kept = {file.name: file.stat().st_size for file in pictures.IMAGES.glob("*.png")}
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert set(kept) == taken
    assert [name for name in kept if f"images/{name}" not in text] == []
    assert [name for name, size in kept.items() if size > 1000 * pictures.MOST_KILOBYTES] == []


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory):
    from patchbook.demo.generate import write_demo

    return made_once(tmp_path_factory, "demo-files", lambda folder: write_demo(folder, seed=1))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks.BLOCK.search(page.read_text("utf-8"))], ids=name_of)
def test_the_blocks_of_a_page_run_and_print_what_it_shows(page, demo_data, tmp_path):
    shutil.copytree(demo_data, tmp_path, dirs_exist_ok=True)
    text = page.read_text(encoding="utf-8")

    assert blocks.settled(blocks.rerun(text, tmp_path)) == blocks.settled(text)
