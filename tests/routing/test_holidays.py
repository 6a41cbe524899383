"""Public holidays from the library, and what is said where there are none."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from patchbook.routing.holidays import NoHolidays, public_holidays


def test_a_part_of_a_country_has_holidays_the_rest_has_not():
    epiphany = date(2027, 1, 6)

    assert epiphany in public_holidays("DE-BY")
    assert epiphany not in public_holidays("DE")
    assert date(2027, 1, 1) in public_holidays("DE")


def test_an_unknown_country_names_what_would_be_right():
    with pytest.raises(NoHolidays, match="No public holidays are known of 'DEU'"):
        public_holidays("DEU")


def test_an_unknown_part_names_the_parts_there_are():
    with pytest.raises(NoHolidays, match="No part 'XX' of DE has holidays of its own; it has BB, BE,"):
        public_holidays("DE-XX")


def test_without_the_library_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)

    with pytest.raises(NoHolidays, match=r"pip install 'patchbook\[holidays\]'"):
        public_holidays("FR")
