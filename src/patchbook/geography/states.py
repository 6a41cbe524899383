"""US states, territories and Canadian provinces as people write them, to postal abbreviations."""

from __future__ import annotations

from functools import cache

import polars as pl

from patchbook.geography.names import name_key
from patchbook.geography.spelling import codes_by_key

US_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "PR": "Puerto Rico", "GU": "Guam",
    "AS": "American Samoa", "MP": "Northern Mariana Islands", "VI": "Virgin Islands",
}  # fmt: skip
"""Postal abbreviation → name, with the District of Columbia and the territories."""

US_TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
"""Territories that have an ISO country code of their own, equal to their postal abbreviation."""

CANADIAN_PROVINCES = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut",
    "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
"""Postal abbreviation → name; none is also the abbreviation of a US state."""

# The abbreviations newspapers use, French names, and older postal forms; keys as `name_key` leaves them.
_ALIASES = {
    "ala": "AL", "ariz": "AZ", "ark": "AR", "calif": "CA", "cal": "CA", "cali": "CA", "colo": "CO", "conn": "CT",
    "del": "DE", "washington dc": "DC", "washington d c": "DC", "d c": "DC", "fla": "FL", "ill": "IL", "ind": "IN",
    "kan": "KS", "kans": "KS", "mass": "MA", "mich": "MI", "minn": "MN", "miss": "MS", "mont": "MT", "neb": "NE",
    "nebr": "NE", "nev": "NV", "n h": "NH", "n j": "NJ", "n m": "NM", "n mex": "NM", "n y": "NY",
    "new york state": "NY", "ny state": "NY", "n c": "NC", "n carolina": "NC", "n d": "ND", "n dak": "ND",
    "n dakota": "ND", "okla": "OK", "ore": "OR", "oreg": "OR", "penn": "PA", "penna": "PA", "r i": "RI", "s c": "SC",
    "s carolina": "SC", "s d": "SD", "s dak": "SD", "s dakota": "SD", "tenn": "TN", "tex": "TX", "wash": "WA",
    "washington state": "WA", "w va": "WV", "w virginia": "WV", "wis": "WI", "wisc": "WI", "wyo": "WY",
    "commonwealth of massachusetts": "MA", "us virgin islands": "VI", "p r": "PR", "alta": "AB", "b c": "BC",
    "colombie britannique": "BC", "man": "MB", "n b": "NB", "nouveau brunswick": "NB", "nfld": "NL",
    "newfoundland": "NL", "labrador": "NL", "terre neuve": "NL", "terre neuve et labrador": "NL", "nf": "NL",
    "n s": "NS", "nouvelle ecosse": "NS", "nwt": "NT", "ont": "ON", "pei": "PE", "p e i": "PE",
    "ile du prince edouard": "PE", "que": "QC", "pq": "QC", "p q": "QC", "sask": "SK", "yukon territory": "YT",
}  # fmt: skip


def state_codes(written: pl.Series) -> pl.Series:
    """
    The postal abbreviation of each US state or Canadian province, null where none is meant for sure.

    Examples
    --------
    >>> state_codes(pl.Series(["N.Y.", "calif.", "Massachusets", "Québec", "Bavaria"])).to_list()
    ['NY', 'CA', 'MA', 'QC', None]
    """
    return codes_by_key(written, name_key, _keys())


@cache
def _keys() -> dict[str, str]:
    both = US_STATES | CANADIAN_PROVINCES
    return {name.lower(): code for code, name in both.items()} | {code.lower(): code for code in both} | _ALIASES
