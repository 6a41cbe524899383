import polars as pl
import pytest

from patchbook.geography.states import CANADIAN_PROVINCES, US_STATES, state_codes


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("California", "CA"), ("calif.", "CA"), ("N.Y.", "NY"), ("n y", "NY"), ("Mass.", "MA"), ("MASSACHUSETS", "MA"),
        ("D.C.", "DC"), ("W. Va.", "WV"), ("Québec", "QC"), ("Ont.", "ON"), ("P.E.I.", "PE"), ("Puerto Rico", "PR"),
    ],
)  # fmt: skip
def test_a_state_is_understood(written, code):
    assert state_codes(pl.Series([written])).to_list() == [code]


def test_a_state_between_two_names_is_nobodys():
    assert state_codes(pl.Series(["Carolina", "Bayern", "Dakota"])).to_list() == [None, None, None]


def test_every_state_knows_its_own_code_and_name():
    both = US_STATES | CANADIAN_PROVINCES

    assert state_codes(pl.Series(list(both))).to_list() == list(both)
    assert state_codes(pl.Series(list(both.values()))).to_list() == list(both)


def test_no_province_shares_a_code_with_a_state():
    assert not set(US_STATES) & set(CANADIAN_PROVINCES)
