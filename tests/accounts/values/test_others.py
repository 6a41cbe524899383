import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.values.column import emptied, is_empty_word
from patchbook.accounts.values.domains import parse_domain, read_domains
from patchbook.accounts.values.names import name_key, name_keys
from patchbook.accounts.values.percentages import read_percentages
from patchbook.accounts.values.phones import parse_phone, read_phones
from patchbook.accounts.values.places import read_countries, read_states
from patchbook.accounts.values.postal_codes import parse_postal_code, read_postal_codes
from patchbook.accounts.values.words import read_booleans, read_lists, read_texts


@pytest.mark.parametrize("word", ["N/A", "NOT AVAILABLE", "-", "", " n/a ", "#N/A", "null", "Unknown"])
def test_words_for_nothing_are_empty(word):
    assert is_empty_word(word)
    assert pl.select(emptied(pl.lit(word))).item() is None


def test_a_text_is_stripped_of_every_kind_of_blank():
    assert pl.select(emptied(pl.lit("\u00a0 Acme \t"))).item() == "Acme"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("HTTPS://WWW.ALBERTSONS.COM/#1", "albertsons.com"),
        ("ann@acme.co.uk", "acme.co.uk"),
        ("mailto:ann@acme.com", "acme.com"),
        ("http://acme.com:8080/x?y=1", "acme.com"),
        ("www.daiwa-grp.jp /english /", "daiwa-grp.jp"),
        ("hm.com (retail) hmgroup.com", "hm.com"),
        ("münchen.de", "münchen.de"),
        ("Official website", None),
        ("10.0.0.1", None),
    ],
)
def test_a_domain_is_found_in_what_people_paste(text, domain):
    assert parse_domain(text) == domain


def test_a_domain_that_needed_work_keeps_its_original():
    read = read_domains(pl.Series(["acme.com", "https://acme.com", "none here", None]))

    assert read.rewritten.to_list() == [False, True, False, False]
    assert read.refused.to_list() == [False, False, True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME Industries, L.L.C.", "Acme Industries Inc"),
        ("Müller & Söhne GmbH & Co. KG", "MULLER AND SOHNE"),
        ("The Home Depot, Inc.", "Home Depot"),
        ("Groß AG", "gross"),
        ("3i Group plc", "3i Group"),
    ],
)
def test_two_spellings_of_one_company_share_a_key(one, other):
    assert name_key(one) == name_key(other)


def test_a_name_that_is_only_a_legal_form_keeps_it():
    assert name_keys(pl.Series(["SE", None, "AB"])).to_list() == ["se", None, "ab"]


def test_telephone_numbers_are_spelled_internationally():
    read = read_phones(
        pl.Series(["(202) 555-0143", "202.555.0143", "030-0074321", "+44 20 7946 0958", "ask Ann", None]),
        pl.Series(["US", "US", "DE", "DE", "US", "US"]),
    )

    assert read.values.to_list() == ["+12025550143", "+12025550143", "+49300074321", "+442079460958", None, None]
    assert read.refused.to_list() == [False, False, False, False, True, False]


def test_the_fast_way_for_america_agrees_with_the_library():
    texts = ["202-555-0143", "1 202 555 0143", "+1 (202) 555-0143"]

    assert read_phones(pl.Series(texts), pl.Series(["US"] * 3)).values.to_list() == [
        parse_phone(text, country="US") for text in texts
    ]


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("2139", "US", "02139"),
        ("501", "US", "00501"),
        ("02139-4307", "US", "02139"),
        ("2139-4307", "US", "02139"),
        ("021394307", "US", "02139"),
        ("2139.0", "US", "02139"),
        ("00000", "US", None),
        ("SW1A1AA", "GB", "SW1A 1AA"),
        ("k1a0b1", "CA", "K1A 0B1"),
        ("1067", "DE", "01067"),
        ("1010", "AT", "1010"),
        ("05454-876", "BR", "05454-876"),
        ("nowhere at all", "DE", None),
    ],
)
def test_a_postal_code_is_spelled_as_its_country_does(text, country, code):
    assert parse_postal_code(text, country=country) == code


def test_without_a_country_no_zero_is_invented():
    assert read_postal_codes(pl.Series(["2139"])).values.to_list() == ["2139"]


def test_a_place_in_the_country_column_counts_as_its_country():
    read = read_countries(pl.Series(["Dallas, Texas", "USA", "Deutschland", "Montabaur, Germany", "Nowhereland"]))

    assert read.values.to_list() == ["US", "US", "DE", "DE", None]
    assert read.refused.to_list() == [False, False, False, False, True]


def test_a_state_is_coded_only_where_it_can_be_american():
    read = read_states(pl.Series(["New York", "BC", "Bavaria"]), pl.Series(["US", "MX", "DE"]))

    assert read.values.to_list() == ["NY", "BC", "Bavaria"]


def test_shares_with_and_without_a_sign_become_fractions():
    assert read_percentages(pl.Series(["15%", "7,5 %", "0.2%"])).values.to_list() == [0.15, 0.075, 0.002]
    assert read_percentages(pl.Series(["0.15", "1"])).values.to_list() == [0.15, 1.0]
    assert read_percentages(pl.Series(["15", "80"])).values.to_list() == [0.15, 0.8]


def test_yes_and_no_are_read_in_four_languages():
    read = read_booleans(pl.Series(["Yes", "nein", "oui", "Sí", "perhaps"]))

    assert read.values.to_list() == [True, False, True, True, None]
    assert read.refused.to_list() == [False, False, False, False, True]


def test_lists_are_cut_at_bars_semicolons_or_commas():
    assert read_lists(pl.Series(["a|b, c", "a; b", "a,b", None])).values.to_list() == [
        ["a", "b, c"],
        ["a", "b"],
        ["a", "b"],
        None,
    ]


def test_runs_of_blanks_in_a_text_become_one():
    assert read_texts(pl.Series(["Mataderos  2312", "a\nb"])).values.to_list() == ["Mataderos 2312", "a b"]


@given(
    st.lists(
        st.sampled_from(
            ["http://", "https://", "www.", "www2.", "ann@", "acme", "-", "co", ".", "uk", "com", "/x", "A"]
        ),
        max_size=8,
    ).map("".join)
)
def test_one_domain_is_read_as_a_column_of_them_is(text):
    assert parse_domain(text) == read_domains(pl.Series([text])).values[0]


@given(st.sampled_from(["US", "PR", "DE", None]), st.text("0123456789 -AB", max_size=10))
def test_one_postal_code_is_read_as_a_column_of_them_is(country, text):
    column = read_postal_codes(pl.Series([text]), pl.Series([country], dtype=pl.String)).values[0]

    assert parse_postal_code(text, country=country) == column
