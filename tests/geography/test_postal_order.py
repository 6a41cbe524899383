"""Postal codes compare as their country orders them, and a part of one is the beginning of all that have it."""

from __future__ import annotations

import pytest

from patchbook.geography.postal_order import postal_beginning, postal_order


@pytest.mark.parametrize(
    ("country", "codes"),
    [
        ("US", ["501", "2138", "02139-4307", "10001.0", "80000", "90210-1234", "999501234"]),
        ("DE", ["1067", "D-09999", "10115", "80331", "99998"]),
        ("GB", ["B1 1AA", "B9 9ZZ", "B10 1AA", "BA1 1AA", "SW1 1AA", "SW1A 1AA", "SW1Y 4AB", "SW2 1AA", "SW11 1AA"]),
        ("CA", ["K1A 0B1", "k1a-0b2", "M5V3L9"]),
        ("JP", ["1000001", "100-0002", "905-0000"]),
        ("NL", ["1011 AB", "1011AC", "9999 XX"]),
    ],
)
def test_codes_come_in_the_order_of_their_country(country, codes):
    keys = [postal_order(code, country) for code in codes]

    assert None not in keys
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("country", "part", "takes", "leaves"),
    [
        ("US", "021", ["2138", "02138-4307"], ["21380", "12138"]),
        ("GB", "SW1", ["SW1A 1AA", "sw1 2bb", "SW1Y4AB"], ["SW11 1AA", "SW10 9AA"]),
        ("GB", "S", ["S1 2BB", "S36 1AA"], ["SW1A 1AA", "SA1 1AA"]),
        ("GB", "SW1A 1", ["SW1A 1AA"], ["SW1A 2AA"]),
        ("GB", "SW1A1AA", ["SW1A 1AA"], ["SW1A 1AB"]),
        ("GB", "M1 1", ["M1 1AE"], ["M11 1AE", "M1 2AE"]),
        ("CA", "k1a", ["K1A 0B1"], ["K1B 0B1"]),
        ("DE", "01", ["1067", "01067"], ["10115"]),
    ],
)
def test_a_part_begins_all_codes_that_have_it_and_no_other(country, part, takes, leaves):
    beginning = postal_beginning(part, country)

    assert all((postal_order(code, country) or "").startswith(beginning) for code in takes)
    assert not any((postal_order(code, country) or "").startswith(beginning) for code in leaves)


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("US", "9"),
        ("US", "SW1A 1AA"),
        ("US", ""),
        ("US", "123456"),
        ("DE", "80331 München"),
        ("GB", "12345"),
        ("FR", "-"),
    ],
)
def test_what_is_no_code_of_the_country_has_no_place_in_its_order(country, code):
    assert postal_order(code, country) is None


@pytest.mark.parametrize(("country", "part"), [("US", "SW1"), ("US", "303011"), ("US", ""), ("GB", "1"), ("CA", " ")])
def test_what_begins_no_code_of_the_country_is_told(country, part):
    assert postal_beginning(part, country) is None
