"""Countries and states as their codes, with what cannot be coded left as it was written."""

from __future__ import annotations

import polars as pl

from patchbook.accounts.values.column import Cleaned, where


def read_countries(texts: pl.Series) -> Cleaned:
    """
    A column of countries as two-letter codes; a text no country is meant by is refused.

    A whole place in the column, as in `Dallas, Texas`, counts as the country its last part is or lies in.
    """
    from patchbook.geography.countries import country_codes

    values = country_codes(texts).alias(texts.name)
    unread = texts.is_not_null() & values.is_null()
    if unread.any():
        last_part = texts.filter(unread).str.extract(r",\s*([^,]+)$")
        by_part = country_codes(last_part)
        by_part = where(by_part.is_null(), countries_by_state(_state_names(last_part)), by_part)
        values = values.scatter(unread.arg_true(), by_part)
    return Cleaned(
        values=values,
        refused=texts.is_not_null() & values.is_null(),
        rewritten=(texts != values) & values.is_not_null(),
        expected="a country, by name or code, such as US or Germany",
    )


def read_states(texts: pl.Series, countries: pl.Series | None = None) -> Cleaned:
    """
    A column of states: the code of a US state or Canadian province, and elsewhere the text as it is.

    In a row of another country a text is never taken for a US state: `BC` is Baja California in Mexico.
    """
    from patchbook.geography.states import state_codes

    codes = state_codes(texts)
    usable = codes.is_not_null()
    if countries is not None:
        usable = usable & (countries.is_null() | countries.is_in(["US", "CA", "PR"]))
    values = where(usable, codes, texts).alias(texts.name)
    return Cleaned(values=values, rewritten=texts.is_not_null() & (texts != values))


def _state_names(texts: pl.Series) -> pl.Series:
    from patchbook.geography.states import state_codes

    return state_codes(texts)


def countries_by_state(states: pl.Series) -> pl.Series:
    """US or CA where the state is a code of theirs, null elsewhere."""
    from patchbook.geography.states import CANADIAN_PROVINCES, US_STATES

    codes = dict.fromkeys(US_STATES, "US") | dict.fromkeys(CANADIAN_PROVINCES, "CA")
    return states.replace_strict(list(codes), list(codes.values()), default=None, return_dtype=pl.String)
