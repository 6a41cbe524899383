"""Rules with all they refer to, answered alike for one record and for a frame."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from patchbook.accounts.hierarchy import Hierarchy
from patchbook.geography.areas import area_from_text
from patchbook.rules import BadRule, Context, LookupTable, RuleBook, ValueList, fields, holds_in, parse, to_sql, truth
from patchbook.rules.bind import computed_fields
from patchbook.rules.explain import failures, in_words
from patchbook.rules.functions import FUNCTIONS, MissingField
from patchbook.rules.today import NoToday

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rule-language.md"

ACCOUNTS = pl.DataFrame(
    {
        "account_id": ["A1", "A2", "A3", "A4"],
        "parent_id": [None, "A1", "A2", None],
        "domain": ["acme.com", "globex.com", None, "initech.com"],
        "employees": [10, 500, None, 7],
        "postal_code": ["30301", "2138", "SW1A 1AA", None],
        "country": ["US", "US", "GB", "DE"],
        "latitude": [33.75, 42.37, 51.5, None],
        "longitude": [-84.39, -71.11, -0.13, 13.4],
        "products": [["CRM"], ["ERP", "CRM"], None, []],
        "created_on": [date(2027, 1, 20), date(2026, 6, 1), None, date(2027, 3, 3)],
    }
)

SCHEMA = {
    **dict.fromkeys(("account_id", "parent_id", "domain", "postal_code", "country", "state"), "text"),
    "employees": "count",
    "latitude": "latitude",
    "longitude": "longitude",
    "products": "list",
    "created_on": "date",
    "is_customer": "boolean",
}

CONTEXT = Context(
    today=date(2027, 2, 1),
    lists={"targets": ValueList.of(["acme.com", "initech.com"]), "sizes": ValueList.of([10, 7])},
    tables={
        "zips": LookupTable.of({"30301": "East", "02138": "North", "2138": "North"}, key="zip", value="region"),
        "people": LookupTable(pl.DataFrame({"domain": ["acme.com"], "score": [7.5], "rep": ["P1"]})),
    },
    areas={"south": area_from_text("POLYGON((-90 30, -80 30, -80 35, -90 35, -90 30))")},
    hierarchy=Hierarchy.of(ACCOUNTS),
)


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("created_on >= today - 90", [True, False, None, True]),
        ("created_on > today + 7", [False, False, None, True]),
        ("today <= created_on", [False, False, None, True]),
        ("created_on BETWEEN today - 30 AND today", [True, False, None, False]),
        ("created_on NOT IN (today - 12, '2026-06-01')", [False, False, None, True]),
        ("in_list(domain, 'targets')", [True, False, None, True]),
        ("NOT in_list(domain, 'targets')", [False, True, None, False]),
        ("in_list(employees, 'sizes')", [True, False, None, True]),
        ("lookup(postal_code, 'zips') = 'East'", [True, False, None, None]),
        ("lookup(postal_code, 'zips') IN ('East', 'North')", [True, True, None, None]),
        ("lookup(postal_code, 'zips') IS NULL", [False, False, True, True]),
        ("lookup(postal_code, 'zips') LIKE 'N%'", [False, True, None, None]),
        ("lookup(domain, 'people', 'score') > 7", [True, None, None, None]),
        ("7 < lookup(domain, 'people', 'score')", [True, None, None, None]),
        ("has(products, 'CRM')", [True, True, None, False]),
        ("has(products, 'ERP', 'HR')", [False, True, None, False]),
        ("has(products, 'CRM') IS NOT TRUE", [False, False, True, True]),
        ("postal_between('US', '00501', '09999')", [False, True, False, None]),
        ("postal_prefix('US', '303', '02')", [True, True, False, None]),
        ("postal_prefix('GB', 'SW1')", [False, False, True, None]),
        ("within_km(33.749, -84.388, 5)", [True, False, False, None]),
        ("within_km('Atlanta, GA', 60)", [True, False, False, None]),
        ("within_area('south')", [True, False, False, None]),
        ("within_area('POLYGON((-1 51, 1 51, 1 52, -1 52))')", [False, False, True, None]),
        ("within_family('A1')", [True, True, True, False]),
        ("within_family('A2')", [False, True, True, False]),
    ],
)
def test_each_part_of_the_language_answers_alike_for_a_record_and_a_frame(rule, answers):
    book = RuleBook([rule], SCHEMA, CONTEXT)

    assert [truth(book.compiled[0], book.told(row)) for row in ACCOUNTS.iter_rows(named=True)] == answers
    assert [book.match(row) == 0 for row in ACCOUNTS.iter_rows(named=True)] == [answer is True for answer in answers]
    assert (book.match_frame(ACCOUNTS) == 0).tolist() == [answer is True for answer in answers]
    assert holds_in(f"NOT ({rule})", ACCOUNTS, SCHEMA, CONTEXT).tolist() == [answer is False for answer in answers]
    assert parse(to_sql(book.rules[0]), SCHEMA, CONTEXT) == book.rules[0]
    assert parse(to_sql(book.compiled[0]), SCHEMA, CONTEXT) == book.compiled[0]


def test_the_first_rule_wins_and_all_rules_can_be_asked_for():
    book = RuleBook(["in_list(domain, 'targets') AND employees > 9", "has(products, 'CRM')"], SCHEMA, CONTEXT)

    assert book.match_frame(ACCOUNTS).tolist() == [0, 1, -1, -1]
    assert book.match_all(ACCOUNTS.row(0, named=True)) == (0, 1)
    assert book.fields == ("domain", "employees", "products")


def test_today_is_kept_in_the_text_and_bound_when_it_is_compiled():
    book = RuleBook(["created_on >= today - 90"], SCHEMA, CONTEXT)

    assert to_sql(book.rules[0]) == "created_on >= today - 90"
    assert to_sql(book.compiled[0]) == "created_on >= DATE '2026-11-03'"
    assert book.asks_for_today
    assert book.on(date(2027, 2, 1)) is book
    assert to_sql(book.on(date(2027, 2, 2)).compiled[0]) == "created_on >= DATE '2026-11-04'"
    assert to_sql(parse("created_on < (today)", SCHEMA)) == "created_on < today"


def test_without_a_date_a_rule_about_today_says_what_it_lacks():
    with pytest.raises(NoToday, match="give the date it is asked on"):
        RuleBook(["created_on >= today - 90"], SCHEMA)
    with pytest.raises(NoToday):
        truth(parse("created_on >= today"), {"created_on": date(2027, 1, 1)})
    with pytest.raises(NoToday):
        truth(parse("created_on = today"), {"created_on": date(2027, 1, 1)})


def test_a_compiled_rule_names_the_version_of_its_table_and_holds_to_it():
    rule = "lookup(postal_code, 'zips') = 'East'"
    compiled = to_sql(RuleBook([rule], SCHEMA, CONTEXT).compiled[0])
    other = Context(tables={"zips": LookupTable.of({"30301": "West"})})

    assert compiled == f"lookup(postal_code, 'zips@{CONTEXT.tables['zips'].digest}') = 'East'"
    assert RuleBook([compiled], SCHEMA, CONTEXT).match({"postal_code": "30301"}) == 0
    with pytest.raises(BadRule, match=r"the look-up table 'zips' is in version \w{12}, and the rule asks for \w{12}"):
        RuleBook([compiled], SCHEMA, other)


def test_versions_depend_on_the_content_and_not_on_the_order():
    assert ValueList.of(["a", "b"]).digest == ValueList.of(["b", "a", "a", None]).digest
    assert ValueList.of(["a", "b"]).digest != ValueList.of(["ab"]).digest
    assert LookupTable.of({"a": "1", "b": "2"}).digest == LookupTable.of({"b": "2", "a": "1"}).digest
    assert LookupTable.of({"a": "1"}).digest != LookupTable.of({"a": "2"}).digest


def test_a_function_reads_the_fields_it_is_made_of():
    rule = parse("within_km(1, 2, 3) AND in_list(domain, 'x') AND state = 'GA' AND within_family('A')")

    assert fields(rule) == ("latitude", "longitude", "domain", "state", "account_id", "parent_id", "family_id")


def test_a_frame_without_the_column_of_a_function_names_it():
    with pytest.raises(MissingField, match="looks at 'longitude', and the table has no such column"):
        RuleBook(["within_km(1, 2, 3)"]).match_frame(pl.DataFrame({"latitude": [1.0]}))


def test_a_family_is_known_by_the_parent_of_an_account_the_book_does_not_have_yet():
    book = RuleBook(["within_family('A1')"], context=CONTEXT)

    assert book.match({"account_id": "new", "parent_id": "A3"}) == 0
    assert book.match({"account_id": "new", "parent_id": "A4"}) is None
    assert book.match_frame(pl.DataFrame({"account_id": ["new", "A3"], "parent_id": ["A2", None]})).tolist() == [0, 0]


def test_a_rule_book_travels_to_another_process_whole():
    rules = ["lookup(postal_code, 'zips') = 'East'", "created_on >= today - 90", "within_family('A1')"]
    book = pickle.loads(pickle.dumps(RuleBook(rules, SCHEMA, CONTEXT)))

    assert book.match_frame(ACCOUNTS).tolist() == RuleBook(rules, SCHEMA, CONTEXT).match_frame(ACCOUNTS).tolist()
    assert book.rules == RuleBook(rules, SCHEMA, CONTEXT).rules


@pytest.mark.parametrize(
    ("rule", "position", "said"),
    [
        ("in_list(domain, 'target')", 17, "no list is called 'target'; did you mean 'targets'?"),
        ("in_list(domian, 'targets')", 9, "no field is called 'domian'; did you mean 'domain'?"),
        ("in_list(domain)", 1, "in_list is written as in in_list(domain, 'targets'), with"),
        ("in_list('acme.com', 'targets')", 9, "stands where in_list takes a field"),
        ("in_list(products, 'targets')", 9, "products is a list, and in_list takes a text or a number field"),
        (
            "in_lists(domain, 'targets')",
            1,
            "the function in_lists is not in the rule language; did you mean 'in_list'?",
        ),
        ("lookup(domain, 'people') = 'x'", 16, "the table 'people' gives score, rep; say which, as in lookup("),
        (
            "lookup(domain, 'people', 'repp') = 'x'",
            26,
            "has no column 'repp'; it gives score, rep; did you mean 'rep'?",
        ),
        ("lookup(domain, 'people', 'score') = 'x'", 37, "is a number and 'x' is text"),
        ("lookup(postal_code, 'zips')", 1, "compare it with a value"),
        (
            "lookup(postal_code, 'regions') = 'x'",
            21,
            "no look-up table is called 'regions'; there are 'zips', 'people'",
        ),
        ("has(domain, 'CRM')", 5, "domain is text, and has takes a list field"),
        ("has(products, 5)", 1, "has is written as in has(products, 'CRM')"),
        ("postal_between('Germany', '1', '2')", 16, "'Germany' is no two-letter code of a country, such as US; did"),
        ("postal_between('US', '9', '80000')", 22, "'9' has 1 digits, and a range in US runs between whole codes of 5"),
        ("postal_between('US', '39999', '30000')", 22, "ends before it begins"),
        ("postal_prefix('US', 'SW1')", 21, "no postal code of US begins with 'SW1'"),
        ("within_km('Atlantis', 5)", 11, "no place 'Atlantis' is known for sure"),
        ("within_km(95, 5, 5)", 11, "95 is no latitude"),
        ("within_km(5, 5, 0)", 17, "0 is no radius"),
        ("within_area('sout')", 13, "no area is called 'sout'; did you mean 'south'?"),
        ("within_area('POLYGON((1 2, 3 4))')", 13, "a polygon has fewer than three corners"),
        ("created_on >= today - 1.5", 23, "today is counted from in whole days"),
        ("created_on >= today - 99999", 23, "99999 days are too many"),
        ("created_on >= today()", 15, "the day a rule is asked on is written today"),
        ("created_on >= current_date", 1, "the day a rule is asked on is written today"),
        ("employees >= today", 14, "today is a date, and employees is a number"),
        ("today >= 5", 1, "no field is called 'today'"),
        ("employees = 1 AND in_list(domain, 'nope', 'x')", 19, "in_list is written as in"),
    ],
)
def test_what_a_function_cannot_mean_is_refused_with_its_place(rule, position, said):
    with pytest.raises(BadRule) as caught:
        parse(rule, SCHEMA, CONTEXT)

    assert said in str(caught.value)
    assert caught.value.position == position


def test_a_field_called_today_stands_in_quotes():
    schema = {"today": "date", "created_on": "date"}

    assert to_sql(parse('"today" > today', schema)) == '"today" > today'


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_every_function_is_documented_as_it_is_written_and_can_be_told_in_words(function):
    condition = parse(function.example)
    [name] = computed_fields(condition)

    assert to_sql(condition) == function.example
    assert f"`{function.example}`" in PAGE.read_text(encoding="utf-8")
    assert all(told.isprintable() for told in function.in_words(name.call))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("in_list(domain, 'targets')", "domain is in the list targets"),
        ("NOT in_list(domain, 'targets@abc')", "domain is not in the list targets"),
        ("has(products, 'CRM', 'ERP') <> TRUE", "products does not have CRM or ERP"),
        ("within_km('Atlanta, GA', 50)", "it lies within 50 km of Atlanta, GA"),
        ("postal_prefix('GB', 'SW1') = FALSE", "it does not have a GB postal code beginning with SW1"),
        ("lookup(domain, 'people', 'score') > 7", "the score the table people gives for domain is above 7"),
        ("lookup(postal_code, 'zips') IS NULL", "what the table zips gives for postal_code is empty"),
        ("within_area('south') IS NOT NULL", "whether it lies in the area south is not empty"),
        ("within_family('A1') AND created_on >= today - 90", "it is of the family of A1, and created_on is on or after "
         "the day 90 days before today"),
    ],
)  # fmt: skip
def test_functions_and_today_read_as_part_of_a_sentence(rule, words):
    assert in_words(parse(rule)) == words


def test_what_a_record_lacks_is_told_of_functions_too():
    book = RuleBook(["within_km('Atlanta, GA', 60) AND in_list(domain, 'targets')"], SCHEMA, CONTEXT)
    [boston] = [row for row in ACCOUNTS.iter_rows(named=True) if row["account_id"] == "A2"]
    [nowhere] = [row for row in ACCOUNTS.iter_rows(named=True) if row["account_id"] == "A4"]

    assert [str(one) for one in failures(book.compiled[0], book.told(boston))] == [
        "it does not lie within 60 km of Atlanta, GA",
        "domain is not in the list targets",
    ]
    assert [str(one) for one in failures(book.compiled[0], book.told(nowhere))] == [
        "it is not known whether it lies within 60 km of Atlanta, GA"
    ]
