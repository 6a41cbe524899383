"""Throws texts at the rule language until one breaks it: `python tools/fuzz_rules.py --seconds 600`.

Needs Atheris (`pip install atheris`), which steers by the branches a text takes. The suite throws a short, seeded
handful of the same texts without it. Whatever is thrown, a rule is either refused with a `BadInput` or means something:
written out it reads back equal, it compiles, and it answers for a record and for a frame alike.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from datetime import date

import polars as pl

from patchbook.errors import BadInput
from patchbook.geography.areas import area_from_text
from patchbook.rules import BadRule, Context, LookupTable, RuleBook, ValueList, parse, to_sql
from patchbook.rules.expression import parse_expression

SCHEMA = {
    "state": "text",
    "domain": "text",
    "postal_code": "text",
    "country": "text",
    "employees": "count",
    "latitude": "latitude",
    "longitude": "longitude",
    "created_on": "date",
    "is_customer": "boolean",
    "products": "list",
    "account_id": "text",
    "today": "text",
}
RECORDS = pl.DataFrame(
    {
        "state": ["GA", None, ""],
        "domain": ["acme.com", "O'Hara.com", None],
        "postal_code": ["30301", "SW1A 1AA", None],
        "country": ["US", "GB", None],
        "employees": [5, None, -3],
        "latitude": [33.75, None, 90.0],
        "longitude": [-84.39, 0.0, -180.0],
        "created_on": [date(2027, 2, 1), None, date(1, 1, 1)],
        "is_customer": [True, None, False],
        "products": [["CRM"], None, []],
        "account_id": ["A1", "A2", None],
        "today": ["x", None, ""],
    }
)
CONTEXT = Context(
    today=date(2027, 2, 1),
    lists={"targets": ValueList.of(["acme.com", "5"])},
    tables={"zips": LookupTable.of({"30301": "East", "02138": None})},
    areas={"metro": area_from_text("POLYGON((-90 30, -80 30, -80 35))")},
)
TOKENS = (
    *SCHEMA,
    *("AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "TRUE", "FALSE", "DATE", "today", "ESCAPE", "ILIKE"),
    *("=", "<>", "!=", "<", "<=", ">", ">=", "(", ")", ",", "-", "+", "*", "/", ".", ";", "::", "||", "%", "?", "$1"),
    *("'GA'", "'O''Hara'", "'%a%_b'", "'2027-02-01'", "''", "5", "-1.5", "1e999", "1e3", "36526", '"state"', "'", '"'),
    *("in_list(", "lookup(", "has(", "postal_between(", "postal_prefix(", "within_km(", "within_area("),
    *("within_family(", "'targets'", "'targets@0'", "'zips'", "'metro'", "'US'", "'GB'", "'SW1'", "'30000'", "'39999'"),
    *(
        "'POLYGON((0 0, 4 0, 4 4))'",
        "'POLYGON(('",
        "CASE",
        "WHEN",
        "SELECT",
        "CAST(",
        "AS",
        "INTERVAL",
        "upper(",
        "min(",
    ),
    *("--", "/*", "*/", "\n", "\\", "[", "]", "{", "}", "@", ":", "#", "~", "`", "é", "\u202e", "\U0001f600", "\x00"),
)


def check(text: str) -> bool:
    """Whether a text is a rule; an error other than `BadInput`, or two answers to one question, is raised."""
    try:
        parse_expression(text, SCHEMA)
    except BadRule as error:
        _in_one_sentence(error, text)
    try:
        rule = parse(text, SCHEMA, CONTEXT)
    except BadRule as error:
        _in_one_sentence(error, text)
        return False
    assert parse(to_sql(rule), SCHEMA, CONTEXT) == rule, f"{text!r} reads back as another rule"
    try:
        book = RuleBook([rule], SCHEMA, CONTEXT)
        one_by_one = [-1 if book.match(record) is None else 0 for record in RECORDS.iter_rows(named=True)]
        assert book.match_frame(RECORDS).tolist() == one_by_one, f"{text!r} answers in two ways"
    except BadInput:
        return True  # such as a rule with too many alternatives, or a field compared with two types
    return True


def some_text(chance: random.Random) -> str:
    """Tokens at random, sometimes cut, doubled or with a sign thrown in."""
    text = " ".join(chance.choice(TOKENS) for _ in range(chance.randrange(1, 24)))
    return _spoilt(text, chance) if chance.random() < 0.3 else text


def spoilt_rule(rule: str, chance: random.Random) -> str:
    """A good rule with a few slips in it."""
    for _ in range(chance.randrange(1, 4)):
        rule = _spoilt(rule, chance)
    return rule


def main(arguments: Sequence[str]) -> None:
    """Fuzz for some seconds; ends with an error at the first text that breaks the language."""
    import atheris

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    seconds = parser.parse_args(arguments).seconds

    def one(data: bytes) -> None:
        source = atheris.FuzzedDataProvider(data)
        if source.ConsumeBool():
            check(source.ConsumeUnicodeNoSurrogates(400))
            return
        count = source.ConsumeIntInRange(1, 24)
        check(" ".join(TOKENS[source.ConsumeIntInRange(0, len(TOKENS) - 1)] for _ in range(count)))

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=600", "-rss_limit_mb=4000"], one)
    atheris.Fuzz()


def _in_one_sentence(error: BadRule, text: str) -> None:
    assert str(error).endswith((".", "?")), str(error)
    assert 1 <= error.position <= max(len(text), 1), f"{error} points outside of {text!r}"


def _spoilt(text: str, chance: random.Random) -> str:
    at, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return chance.choice(
        [
            text[:at] + text[end:],
            text[:at] + text[at:end] * 2 + text[end:],
            text[:at] + chance.choice(TOKENS) + text[at:],
            text[:at] + chr(chance.choice([0, 9, 39, 34, 40, 41, 92, 0x2028, 0x1F600, 0xFFFF])) + text[at:],
            text[:at] + text[end:] + text[at:end],
        ]
    )


if __name__ == "__main__":
    main(sys.argv[1:])
