"""`postal_between('US', '30000', '39999')`, `postal_prefix('GB', 'SW1')`: postal codes in their country's order."""

from __future__ import annotations

from patchbook.geography.postal_order import DIGITS, postal_beginning, postal_order
from patchbook.rules.computed import Call
from patchbook.rules.context import Context
from patchbook.rules.functions.function import BadArgument, Derived, Function, OfDistinct


class PostalBetween(Function):
    """A range of one country's postal codes, both ends included."""

    name = "postal_between"
    example = "postal_between('US', '30000', '39999')"
    help = "the account is in the country and its postal code within the two, in the country's own order"
    signatures = (("text", "text", "text"),)
    fixed_inputs = ("country", "postal_code")

    def refuse(self, call: Call, context: Context | None) -> None:
        country, low, high = map(str, call.arguments)
        _refuse_country(country)
        for index, end in ((1, low), (2, high)):
            key = _beginning(index, end, country)
            if country in DIGITS and len(key) != DIGITS[country]:
                raise BadArgument(
                    index,
                    f"{end!r} has {len(key)} digits, and a range in {country} runs between whole codes of "
                    f"{DIGITS[country]}; postal_prefix takes the beginning of a code",
                )
        start, last = _ends(call)
        if last < start[: len(last)]:
            raise BadArgument(1, f"the range from {low!r} to {high!r} ends before it begins")

    def derive(self, call: Call, context: Context) -> Derived:
        start, last = _ends(call)
        return _Ranged(str(call.arguments[0]), start, last)

    def in_words(self, call: Call) -> tuple[str, str]:
        country, low, high = call.arguments
        told = f"a {country} postal code between {low} and {high}"
        return f"it has {told}", f"it does not have {told}"


class PostalPrefix(Function):
    """The codes of a country that begin with one of several parts."""

    name = "postal_prefix"
    example = "postal_prefix('GB', 'SW1', 'W1')"
    help = "the account is in the country and its postal code begins with one of the parts"
    signatures = (("text", "text"),)
    repeats = True
    fixed_inputs = ("country", "postal_code")

    def refuse(self, call: Call, context: Context | None) -> None:
        country, *parts = map(str, call.arguments)
        _refuse_country(country)
        for index, part in enumerate(parts, 1):
            _beginning(index, part, country)

    def derive(self, call: Call, context: Context) -> Derived:
        country, *parts = map(str, call.arguments)
        return _Prefixed(country, tuple(_beginning(index, part, country) for index, part in enumerate(parts, 1)))

    def in_words(self, call: Call) -> tuple[str, str]:
        country, *parts = call.arguments
        told = f"a {country} postal code beginning with {' or '.join(map(str, parts))}"
        return f"it has {told}", f"it does not have {told}"


class _OfCountry(OfDistinct):
    """False in another country; unknown without a country, a postal code, or one that can be read."""

    def __init__(self, country: str) -> None:
        super().__init__(["country", "postal_code"])
        self.country = country

    def of_values(self, *values: object) -> bool | None:
        country, code = values
        if country is None or code is None:
            return None
        if country != self.country:
            return False
        key = postal_order(str(code), self.country)
        return None if key is None else self.takes(key)

    def takes(self, key: str) -> bool:
        """Whether the key of a code of the country is meant."""
        raise NotImplementedError


class _Ranged(_OfCountry):
    def __init__(self, country: str, start: str, last: str) -> None:
        super().__init__(country)
        self.start = start
        self.last = last

    def takes(self, key: str) -> bool:
        return self.start <= key and key[: len(self.last)] <= self.last


class _Prefixed(_OfCountry):
    def __init__(self, country: str, beginnings: tuple[str, ...]) -> None:
        super().__init__(country)
        self.beginnings = beginnings

    def takes(self, key: str) -> bool:
        return key.startswith(self.beginnings)


def _ends(call: Call) -> tuple[str, str]:
    country, low, high = map(str, call.arguments)
    return _beginning(1, low, country), _beginning(2, high, country)


def _beginning(index: int, part: str, country: str) -> str:
    key = postal_beginning(part, country)
    if key is None:
        raise BadArgument(index, f"no postal code of {country} begins with {part!r}")
    return key


def _refuse_country(country: str) -> None:
    from patchbook.geography.countries import country_codes
    from patchbook.geography.gazetteer import country_table

    if country not in country_table()["country"]:
        import polars as pl

        meant = country_codes(pl.Series([country]))[0]
        raise BadArgument(0, f"{country!r} is no two-letter code of a country, such as US", nearest=meant)
