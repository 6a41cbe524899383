"""Countries as people write them, to ISO 3166 alpha-2 codes."""

from __future__ import annotations

from functools import cache

import polars as pl

from patchbook.geography.gazetteer import country_table
from patchbook.geography.names import name_key
from patchbook.geography.spelling import codes_by_key

# What people write that no name list holds; keys as `name_key` leaves them.
_ALIASES = {
    "us": "US", "usa": "US", "u s": "US", "u s a": "US", "us of a": "US", "america": "US",
    "united states america": "US", "estados unidos de america": "US", "eeuu": "US", "ee uu": "US",
    "the united states": "US", "united states of america": "US", "the united states of america": "US", "usa us": "US",
    "vsa": "US", "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "england uk": "GB", "scotland uk": "GB", "wales uk": "GB", "the united kingdom": "GB",
    "u k": "GB", "united kingdom of great britain and northern ireland": "GB", "grossbritannien": "GB",
    "grande bretagne": "GB", "republic of ireland": "IE", "eire": "IE", "holland": "NL", "the netherlands": "NL",
    "netherlands": "NL", "germany": "DE", "brd": "DE", "federal republic of germany": "DE",
    "bundesrepublik deutschland": "DE", "czech republic": "CZ", "czechia": "CZ", "slovak republic": "SK",
    "russia": "RU", "russian federation": "RU", "south korea": "KR", "korea": "KR", "republic of korea": "KR",
    "korea republic of": "KR", "korea south": "KR", "north korea": "KP", "uae": "AE", "u a e": "AE", "emirates": "AE",
    "hong kong": "HK", "hong kong sar": "HK", "macau": "MO", "macao": "MO", "ivory coast": "CI", "cote d ivoire": "CI",
    "viet nam": "VN", "vietnam": "VN", "swiss": "CH", "prc": "CN", "p r china": "CN", "pr china": "CN",
    "peoples republic of china": "CN", "mainland china": "CN", "taiwan": "TW", "republic of china": "TW",
    "turkey": "TR", "turkiye": "TR", "burma": "MM", "myanmar": "MM", "cape verde": "CV", "swaziland": "SZ",
    "eswatini": "SZ", "macedonia": "MK", "north macedonia": "MK", "bosnia": "BA", "trinidad": "TT", "brasil": "BR",
    "espana": "ES", "italia": "IT", "osterreich": "AT", "oesterreich": "AT", "suisse": "CH", "schweiz": "CH",
    "svizzera": "CH", "polska": "PL", "sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "hellas": "GR",
    "magyarorszag": "HU", "nippon": "JP", "bharat": "IN", "belgique": "BE", "belgie": "BE",
    "kingdom of saudi arabia": "SA", "ksa": "SA", "dubai": "AE", "drc": "CD", "laos": "LA", "iran": "IR",
    "syria": "SY",
}  # fmt: skip


def country_codes(written: pl.Series) -> pl.Series:
    """
    The ISO alpha-2 code of each spelling, null where none is meant for sure.

    Codes (`US`, `USA`, `840`), names in seven languages, common short forms and one slip of the keyboard in a name of
    six letters or more are understood.

    Examples
    --------
    >>> country_codes(pl.Series(["U.S.", "Deutschland", "Germnay", "FRA", "Atlantis"])).to_list()
    ['US', 'DE', 'DE', 'FR', None]
    """
    return codes_by_key(written, name_key, _keys())


@cache
def _keys() -> dict[str, str]:
    table = country_table()
    keys: dict[str, str] = {}
    for code, alpha3, numeric, names in table.select("country", "alpha3", "numeric", "keys").iter_rows():
        keys.update(dict.fromkeys([key for key in names if key], code))
        keys[alpha3.lower()] = code
        keys[numeric] = code
    # Two-letter codes last: no name may shadow one.
    keys.update({code.lower(): code for code in table["country"]})
    return keys | _ALIASES
