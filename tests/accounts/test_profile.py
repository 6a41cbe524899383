import json
import re

import pytest

from patchbook.accounts import read
from patchbook.accounts.profile import as_json, profile
from patchbook.accounts.profile_page import page

ROWS = "id,name,sector,employees,zip,country\n" + "".join(
    f"{row},<b>Firm {row}</b>,{'Health' if row % 3 else 'Tech'},{2 ** (row % 20)},02108,US\n" for row in range(60)
)


@pytest.fixture
def accounts(a_file):
    return read(a_file(ROWS + "0,again,Tech,1,02108,US\n"))


def test_a_heavy_tail_is_drawn_on_a_logarithmic_scale(accounts):
    spread = {one.field: one for one in profile(accounts).histograms}

    assert spread["employees"].logarithmic
    assert sum(spread["employees"].counts) == 60
    assert spread["industry"].labels == ("Health", "Tech")
    assert spread["industry"].counts == (40, 20)


def test_the_json_is_json_and_tells_the_mapping(accounts):
    told = json.loads(json.dumps(as_json(profile(accounts, duplicates=True))))

    assert (told["accounts"], told["rows_read"], told["rejected"]) == (60, 61, 1)
    assert {"column": "sector", "field": "industry"}.items() <= told["mapping"][2].items()
    assert told["geocoded"] == {"zip": 60}
    assert told["duplicates"]["pairs"] >= 0
    assert told["first_rejected"][0]["line"] == 62


def test_the_page_needs_nothing_but_itself_and_escapes_what_it_shows(accounts):
    text = page(profile(accounts, duplicates=True))

    assert not re.search(r"<script|<link|https?://|src=", text)
    assert "<b>Firm" not in text
    assert "&lt;b&gt;Firm" in text
    assert "prefers-color-scheme: dark" in text
    assert "an account_id used once; line 2 has it already" in text
    assert text.count("<svg") >= 2


def test_a_file_of_ids_only_has_a_page_too(a_file):
    assert "2 accounts" in page(profile(read(a_file("id\n1\n2\n"))))
