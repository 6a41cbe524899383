import polars as pl
import pytest

from patchbook.geography.names import name_key, place_key


def key(text):
    return pl.select(place_key(pl.lit(text))).item()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Saint Louis", "ST. LOUIS"), ("Fort Worth", "Ft Worth"), ("Coeur d'Alene", "Coeur dAlene"),
     ("Łódź", "lodz"),
     ("Mount Vernon", "Mt. Vernon")],
)  # fmt: skip
def test_two_spellings_of_a_town_share_a_key(one, other):
    assert key(one) == key(other)


def test_fort_is_shortened_only_as_a_word():
    assert key("Frankfort") == "frankfort"


def test_nothing_but_punctuation_is_no_name():
    assert pl.select(name_key(pl.lit(" -.- "))).item() is None


def test_the_shipped_city_keys_are_made_by_this_rule():
    from patchbook.geography.gazetteer import us_cities

    keys = us_cities()["city_key"]

    assert (keys == us_cities().select(place_key(pl.col("city_key"))).to_series()).all()
