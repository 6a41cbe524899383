"""Every function beside DuckDB: nested at random, over records full of gaps, true, false and unknown alike."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from patchbook.accounts.hierarchy import Hierarchy
from patchbook.rules import Context, LookupTable, RuleBook, ValueList, parse, to_sql, truth

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
EXPRESSIONS, ROWS = (1_000, 40) if TORTURE else (100, 40)

TODAY = date(2027, 2, 1)
TARGETS = ("acme.com", "globex.com", "O'Hara.com", "Ünï.com")
SIZES = (7, 10, 500.5)
REGIONS = {"30301": "East", "02138": "North", "30302": None, "94105": "West", "SW1A 1AA": "Isles"}
SCORES = {"acme.com": 7.5, "initech.com": -1.0, "globex.com": None}
SCHEMA = {
    **dict.fromkeys(("account_id", "parent_id", "family_id", "domain", "postal_code", "country"), "text"),
    "employees": "number",
    "latitude": "latitude",
    "longitude": "longitude",
    "products": "list",
    "created_on": "date",
    "is_customer": "boolean",
}
TYPES = {
    **dict.fromkeys(("account_id", "parent_id", "family_id", "domain", "postal_code", "country"), pl.String()),
    **dict.fromkeys(("employees", "latitude", "longitude"), pl.Float64()),
    "products": pl.List(pl.String()),
    "created_on": pl.Date(),
    "is_customer": pl.Boolean(),
}
POSTAL = {
    "US": ["30301", "30302", "02138", "2138", "2138-4307", "94105-1234", "00501", "9", "SW1A 1AA", ""],
    "GB": ["SW1A 1AA", "SW1 2AB", "SW11 3CD", "SW9 8AB", "M1 1AE", "W1T 1AA", "S1 2BB"],
    "DE": ["80331", "01067", "1067", "99999"],
}


def test_nested_rules_with_every_function_are_true_false_and_unknown_where_duckdb_says_so():
    chance = random.Random(4)
    frame = some_records(chance)
    book_of = context_of(frame)
    connection = duckdb.connect()
    connection.register("records", frame.to_arrow())
    connection.execute("CREATE TABLE zips (zip VARCHAR, region VARCHAR)")
    connection.executemany("INSERT INTO zips VALUES (?, ?)", list(REGIONS.items()))
    connection.execute("CREATE TABLE scores (domain VARCHAR, score DOUBLE)")
    connection.executemany("INSERT INTO scores VALUES (?, ?)", list(SCORES.items()))
    below = {head: slowly_below(head, frame) for head in ("A1", "A2", "A9", "nobody")}
    seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}

    for _ in range(EXPRESSIONS):
        ours, theirs = a_rule(chance, below, depth=4)
        answers = [told for (told,) in connection.execute(f"SELECT ({theirs}) FROM records ORDER BY row").fetchall()]
        book = RuleBook([ours], SCHEMA, book_of)

        found = [truth(book.compiled[0], book.told(record)) for record in frame.iter_rows(named=True)]
        assert found == answers, ours
        assert (book.match_frame(frame) == 0).tolist() == [answer is True for answer in answers], ours
        matched = [book.match(record) == 0 for record in frame.iter_rows(named=True)]
        assert matched == [answer is True for answer in answers], ours
        assert parse(to_sql(book.rules[0]), SCHEMA, book_of) == book.rules[0]
        for answer in answers:
            seen[answer] += 1

    assert sum(seen.values()) >= (20_000 if TORTURE else 2_000)
    assert min(seen.values()) > 0.1 * sum(seen.values())


@pytest.mark.parametrize("number", range(12))
def test_each_function_alone_is_what_duckdb_says(number):
    chance = random.Random(number)
    frame = some_records(chance)
    context = context_of(frame)
    connection = duckdb.connect()
    connection.register("records", frame.to_arrow())
    connection.execute("CREATE TABLE zips AS SELECT * FROM (VALUES ('30301', 'East'), ('02138', 'North'), "
                       "('30302', NULL), ('94105', 'West'), ('SW1A 1AA', 'Isles')) AS t (zip, region)")  # fmt: skip
    connection.execute("CREATE TABLE scores AS SELECT * FROM (VALUES ('acme.com', 7.5), ('initech.com', -1.0), "
                       "('globex.com', NULL)) AS t (domain, score)")  # fmt: skip
    below = {head: slowly_below(head, frame) for head in ("A1", "A2", "A9", "nobody")}
    functions = functions_of(chance, below)
    ours, theirs = functions[number % len(functions)]()

    answers = [told for (told,) in connection.execute(f"SELECT ({theirs}) FROM records ORDER BY row").fetchall()]
    book = RuleBook([ours], SCHEMA, context)
    derived = [truth(book.compiled[0], record) for record in book.told_frame(frame).iter_rows(named=True)]

    assert derived == answers, ours
    assert [truth(book.compiled[0], book.told(record)) for record in frame.iter_rows(named=True)] == answers


def a_rule(chance: random.Random, below: dict[str, set[str]], *, depth: int) -> tuple[str, str]:
    """A rule in our language, and the same in DuckDB's."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(functions_of(chance, below))()
    if chance.random() < 0.25:
        ours, theirs = a_rule(chance, below, depth=depth - 1)
        return f"NOT ({ours})", f"NOT ({theirs})"
    word = chance.choice(["AND", "OR"])
    left, right = a_rule(chance, below, depth=depth - 1), a_rule(chance, below, depth=depth - 1)
    return f"({left[0]} {word} {right[0]})", f"({left[1]} {word} {right[1]})"


def functions_of(chance: random.Random, below: dict[str, set[str]]) -> list[Callable[[], tuple[str, str]]]:
    """Each function of the language as a pair of texts; what DuckDB has not, spelt out slowly."""
    text = chance.choice(["East", "North", "West", "Nowhere"])
    operator = chance.choice(["=", "<>", "<", ">="])
    number = chance.choice(["0", "7.5", "-1", "3"])
    days = chance.choice([0, 1, 30, 90, 400])
    sign = chance.choice(["-", "+"])
    wanted = chance.sample(["CRM", "ERP", "HR", "O'Hara"], chance.choice([1, 1, 2]))
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in wanted)
    km = chance.choice([1, 50, 500, 5_000, 19_000])
    latitude, longitude = chance.choice([(33.75, -84.39), (51.5, -0.13), (-40.0, 179.9), (89.9, 0.0)])
    west, south = chance.choice([(-90, 30), (-1, 51), (-180, -90), (-84.39, 33.75)])
    east, north = west + chance.choice([1, 20, 100]), min(south + chance.choice([1, 20, 60]), 90)
    square = f"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
    low, high = sorted(chance.sample(["00501", "02138", "30301", "30302", "39999", "94105"], 2))
    head = chance.choice(list(below))
    family = ", ".join(f"'{one}'" for one in sorted(below[head]))
    today = f"DATE '{TODAY.isoformat()}'"
    no_place = "latitude IS NULL OR longitude IS NULL"
    no_code = "country IS NULL OR postal_code IS NULL"
    # The law of cosines on the sphere's vectors; ours is the haversine.
    dot = (
        f"sin(radians(latitude)) * sin(radians({latitude})) + cos(radians(latitude)) * cos(radians({latitude})) "
        f"* cos(radians(longitude) - radians({longitude}))"
    )
    zip_number = r"CAST(regexp_extract(postal_code, '^\d+') AS INTEGER)"
    is_zip = r"regexp_matches(postal_code, '^\d{3,5}(-\d{4})?$')"
    return [
        lambda: (
            f"created_on {operator} today {sign} {days}",
            f"created_on {operator} CAST({today} {sign} INTERVAL {days} DAY AS DATE)",
        ),
        lambda: (
            f"created_on BETWEEN today - {days} AND today",
            f"created_on BETWEEN CAST({today} - INTERVAL {days} DAY AS DATE) AND {today}",
        ),
        lambda: ("in_list(domain, 'targets')", f"domain IN ({quoted(TARGETS)})"),
        lambda: ("in_list(employees, 'sizes')", f"employees IN ({', '.join(map(str, SIZES))})"),
        lambda: (
            f"lookup(postal_code, 'zips') {operator} '{text}'",
            f"(SELECT region FROM zips WHERE zip = postal_code) {operator} '{text}'",
        ),
        lambda: (
            "lookup(postal_code, 'zips') IS NULL",
            "(SELECT region FROM zips WHERE zip = postal_code) IS NULL",
        ),
        lambda: (
            f"lookup(domain, 'scores') {operator} {number}",
            f"(SELECT score FROM scores WHERE scores.domain = records.domain) {operator} {number}",
        ),
        lambda: (f"has(products, {listed})", f"list_has_any(products, [{listed}])"),
        lambda: (
            f"postal_between('US', '{low}', '{high}')",
            f"CASE WHEN {no_code} THEN NULL WHEN country <> 'US' THEN FALSE WHEN {is_zip} "
            f"THEN {zip_number} BETWEEN {int(low)} AND {int(high)} END",
        ),
        lambda: (
            "postal_prefix('GB', 'SW1', 'M')",
            f"CASE WHEN {no_code} THEN NULL WHEN country <> 'GB' THEN FALSE "
            "ELSE regexp_matches(postal_code, '^(SW1[A-Z]? |M[0-9])') END",
        ),
        lambda: (
            "postal_prefix('US', '303', '02')",
            f"CASE WHEN {no_code} THEN NULL WHEN country <> 'US' THEN FALSE WHEN {is_zip} "
            f"THEN lpad(CAST({zip_number} AS VARCHAR), 5, '0') LIKE '303%' "
            f"OR lpad(CAST({zip_number} AS VARCHAR), 5, '0') LIKE '02%' END",
        ),
        lambda: (
            f"within_km({latitude}, {longitude}, {km})",
            f"CASE WHEN {no_place} THEN NULL ELSE 6371.0088 * acos(greatest(-1, least(1, {dot}))) <= {km} END",
        ),
        lambda: (
            f"within_area('{square}')",
            f"CASE WHEN {no_place} THEN NULL ELSE latitude >= {south} AND latitude < {north} "
            f"AND longitude >= {west} AND longitude < {east} END",
        ),
        lambda: (
            f"within_family('{head}')",
            "CASE WHEN account_id IS NULL AND parent_id IS NULL AND family_id IS NULL THEN NULL ELSE "
            f"coalesce(account_id IN ({family}), FALSE) OR coalesce(parent_id IN ({family}), FALSE) "
            f"OR coalesce(family_id = '{head}', FALSE) END",
        ),
        lambda: ("is_customer IS NOT TRUE", "is_customer IS NOT TRUE"),
        lambda: ("domain LIKE '%o%.c_m'", "domain LIKE '%o%.c_m'"),
        lambda: (f"employees {operator} 10", f"employees {operator} 10"),
    ]


def some_records(chance: random.Random) -> pl.DataFrame:
    rows = []
    for row in range(ROWS):
        country = chance.choice(["US", "US", "GB", "DE", None])
        made = {
            "account_id": chance.choice([f"A{row}", f"A{row}", f"A{row}", None]),
            "parent_id": chance.choice([f"A{chance.randrange(ROWS)}", None]),
            "family_id": chance.choice(["A1", "A2", None]),
            "domain": chance.choice([*TARGETS, "initech.com", "", None]),
            "postal_code": chance.choice([*POSTAL[country or "US"], None]),
            "country": country,
            "employees": chance.choice([0.0, 7.0, 10.0, 500.5, -3.0, None]),
            "latitude": chance.choice([33.75, 33.9, 51.5, -40.0, 89.9, chance.uniform(-90, 90), None]),
            "longitude": chance.choice([-84.39, -84.0, -0.13, 179.9, chance.uniform(-180, 180), None]),
            "products": chance.choice([[], ["CRM"], ["ERP", "CRM"], ["O'Hara", "HR"], ["crm"], None]),
            "created_on": chance.choice([TODAY, TODAY - timedelta(chance.randrange(500)), TODAY + timedelta(1), None]),
            "is_customer": chance.choice([True, False, None]),
        }
        rows.append({name: None if chance.random() < 0.05 else value for name, value in made.items()})
    return pl.DataFrame(rows, schema=TYPES).with_row_index("row")


def context_of(frame: pl.DataFrame) -> Context:
    return Context(
        today=TODAY,
        lists={"targets": ValueList.of(TARGETS), "sizes": ValueList.of(SIZES)},
        tables={
            "zips": LookupTable.of(REGIONS, key="zip", value="region"),
            "scores": LookupTable.of(SCORES, key="domain", value="score"),
        },
        hierarchy=Hierarchy.of(frame.filter(pl.col("account_id").is_not_null())),
    )


def slowly_below(head: str, frame: pl.DataFrame) -> set[str]:
    """Every account from which climbing parents, one step at a time, comes to the head."""
    told = frame.filter(pl.col("account_id").is_not_null())
    parent_of = dict(told.select("account_id", "parent_id").iter_rows())
    found = {head}
    for account in parent_of:
        climbed, seen = account, set()
        while climbed is not None and climbed not in seen:
            if climbed == head:
                found.add(account)
            seen.add(climbed)
            climbed = parent_of.get(climbed)
    return found


def quoted(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
