"""Postal codes in an order of their country's own, so that ranges and prefixes of them mean what people mean.

As texts, "9" comes after "80000" and "SW11" begins with "SW1". Here a code becomes a key: all of a country's keys have
their parts in the same places, so that keys compare as the codes do and a part of a code is a beginning of its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("US", "PR", "DE", "FR", "ES", "IT", "MX", "FI", "EE", "HR", "TR", "UA", "MY", "TH", "ID"), 5),
    **dict.fromkeys(("PL", "SE", "CZ", "SK", "GR", "KR"), 5),
    **dict.fromkeys(("AT", "CH", "BE", "DK", "NO", "AU", "NZ", "HU", "SI", "BG", "LU", "ZA", "PH"), 4),
    **dict.fromkeys(("IN", "SG", "CN", "RO", "RU", "CO"), 6),
    **dict.fromkeys(("JP", "PT", "IL"), 7),
    "BR": 8,
}
"""How many digits a postal code has, in countries where it is all digits, blanks and dashes aside."""

_ZIP_COUNTRIES = ("US", "PR")
_BRITISH = re.compile(r"([A-Z]{1,2})(?:(\d{1,2})([A-Z])?(?: ?(\d(?:[A-Z]{1,2})?))?)?")
_OUTWARD_AND_INWARD = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")


@lru_cache(maxsize=200_000)
def postal_order(code: str, country: str) -> str | None:
    """
    The key of a whole postal code; None where the text is no code of the country.

    Zeros a spreadsheet dropped are put back, and the four digits of ZIP+4 are left out.

    Examples
    --------
    >>> postal_order("2138", "US"), postal_order("SW1A 1AA", "GB"), postal_order("k1a-0b1", "CA")
    ('02138', 'SW01A1AA', 'K1A0B1')
    """
    text = re.sub(r"\.0+$", "", code.strip().upper())
    if country == "GB":
        return _british(re.sub(r"[^0-9A-Z]", "", text))
    if country in _ZIP_COUNTRIES:
        return _zip(text)
    plain = re.sub(r"[^0-9A-Z]", "", text)
    wanted = DIGITS.get(country)
    if wanted is None:
        return plain or None
    # `D-80331` and `AT-1010` carry the country in front.
    found = re.fullmatch(r"[A-Z]{0,3}(\d+)", plain)
    if found is None or not wanted - 2 <= len(found[1]) <= wanted:
        return None
    return found[1].zfill(wanted)


def postal_beginning(part: str, country: str) -> str | None:
    """
    What the keys of all codes begin with that begin with a part; None where no code of the country begins so.

    In Great Britain a part is whole: `SW1` is the district with all of SW1A to SW1Y, and not SW11.

    Examples
    --------
    >>> postal_beginning("303", "US"), postal_beginning("SW1", "GB"), postal_beginning("S", "GB")
    ('303', 'SW01', 'S ')
    """
    text = part.strip().upper()
    if country == "GB":
        whole = _OUTWARD_AND_INWARD.fullmatch(re.sub(r"\W", "", text)) if " " not in text else None
        return _british_parts(text) if whole is None else _british(whole[0])
    plain = re.sub(r"[^0-9A-Z]", "", text)
    wanted = DIGITS.get(country)
    if wanted is None:
        return plain or None
    return plain if re.fullmatch(r"\d+", plain) and len(plain) <= wanted else None


def _zip(text: str) -> str | None:
    short = re.fullmatch(r"(\d{3,5})(?:[- ]\d{4})?", text)
    if short is not None:
        return short[1].zfill(5)
    return text.zfill(9)[:5] if re.fullmatch(r"\d{7,9}", text) else None


def _british(plain: str) -> str | None:
    found = _OUTWARD_AND_INWARD.fullmatch(plain)
    return _british_parts(plain if found is None else f"{found[1]} {found[2]}")


def _british_parts(text: str) -> str | None:
    """Area, district, the letter some districts have, sector and unit: `M1 1AE` is `M 01 1AE`."""
    found = _BRITISH.fullmatch(text)
    if found is None:
        return None
    area, district, letter, inward = found.groups()
    if district is None:
        return area.ljust(2)
    key = area.ljust(2) + district.zfill(2)
    return key + (letter or " ") + inward if inward else key + (letter or "")
