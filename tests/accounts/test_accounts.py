from datetime import date

import polars as pl
import pytest

from patchbook.accounts import NoAccountId, NothingReadable, read
from patchbook.accounts.fields import UnknownField
from patchbook.accounts.mapping import UnknownColumn
from patchbook.errors import BadInput


def test_cells_become_values_and_what_was_rewritten_stays_beside(a_file):
    accounts = read(
        a_file(
            "Id;Firma;Umsatz;Mitarbeiter;PLZ;Land;Website;seit\n"
            "1;Müller GmbH;3,91 Mrd;1.200;1067;Deutschland;https://www.mueller.de/x;01.02.2020\n"
            "2;Acme;1,5 Mio;90;80331;DE;acme.com;25.02.2020\n"
        ),
        types={"seit": "date"},
        geocode=False,
    )

    assert accounts.frame.drop("seit_original").to_dicts()[0] == {
        "account_id": "1",
        "name": "Müller GmbH",
        "domain": "mueller.de",
        "postal_code": "01067",
        "country": "DE",
        "employees": 1200,
        "revenue_usd": 3.91e9,
        "seit": date(2020, 2, 1),
        "country_original": "Deutschland",
        "revenue_usd_original": "3,91 Mrd",
        "employees_original": "1.200",
        "postal_code_original": "1067",
        "domain_original": "https://www.mueller.de/x",
        "family_id": "1",
    }
    assert accounts.frame["country_original"].to_list() == ["Deutschland", None]
    assert accounts.rejected.height == 0


def test_of_equal_ids_the_first_is_kept_and_the_others_name_its_line(a_file):
    accounts = read(a_file("id,name\nA,First\nB,Other\nA,Second\n,Nobody\n"), geocode=False)

    assert accounts.frame["name"].to_list() == ["First", "Other"]
    assert accounts.rejected.rows() == [
        (4, "id", "A", "an account_id used once; line 2 has it already, and this row is left out"),
        (5, "id", "", "an account_id; the row is left out"),
    ]
    assert "2 of 4 rows (50.0%) could not be taken" in accounts.problems["message"][0]


def test_a_file_without_ids_names_the_columns_that_could_serve(a_file):
    with pytest.raises(NoAccountId) as raised:
        read(a_file("title,kind\nAcme,a\nBolt,a\n"), geocode=False)

    assert str(raised.value) == (
        "accounts.csv has no column that is the account_id; different on every row are 'title': "
        "say columns: {account_id: title}."
    )
    assert (
        read(a_file("title,kind\nAcme,a\nBolt,a\n"), columns={"account_id": "title"}, geocode=False).frame.height == 2
    )


def test_a_file_where_no_column_could_be_the_id_says_so(a_file):
    with pytest.raises(NoAccountId, match="none is different on every row, so add one that is"):
        read(a_file("kind\na\na\n"), geocode=False)


def test_negative_and_infinite_measures_are_rejected_but_their_rows_stay(a_file):
    accounts = read(a_file("id,employees,revenue\nA,-5,10\nB,7,inf\nC,8,-1\nD,many,1e400\nE,9,nan\n"), geocode=False)

    assert accounts.frame["employees"].to_list() == [None, 7, 8, None, 9]
    assert accounts.frame["revenue_usd"].to_list() == [10.0, None, None, None, None]
    assert accounts.rejected.select("line", "column", "found").rows() == [
        (2, "employees", "-5"),
        (3, "revenue", "inf"),
        (4, "revenue", "-1"),
        (5, "employees", "many"),
        (5, "revenue", "1e400"),
    ]
    assert accounts.rejected["expected"][0] == "how many people work there, 0 or more"
    assert accounts.invalid == {"employees": 2, "revenue_usd": 3}


def test_infinite_measures_of_a_frame_are_rejected(a_file):
    accounts = read(pl.DataFrame({"id": ["A", "B"], "revenue": [float("inf"), 5.0]}), geocode=False)

    assert accounts.frame["revenue_usd"].to_list() == [None, 5.0]
    assert accounts.rejected.rows() == [(1, "revenue", "inf", "a finite number such as 1234.5")]


def test_forty_in_a_hundred_broken_rows_cost_only_themselves(a_file):
    rows = [f"A{number},{number}" if number % 5 < 3 else f"A{number},{number},too,much" for number in range(100)]

    accounts = read(a_file("id,employees\n" + "\n".join(rows) + "\n"), geocode=False)

    assert accounts.frame.height == 60
    assert accounts.rejected.height == 40
    assert accounts.rejected["line"].to_list() == [number + 2 for number in range(100) if number % 5 >= 3]


def test_a_file_of_nothing_but_bad_ids_is_one_sentence(a_file):
    with pytest.raises(NothingReadable, match=r"No row of accounts\.csv could be taken: 2 have no account_id"):
        read(a_file("id,name\n,A\n-,B\n"), geocode=False)


def test_fields_of_your_own_are_typed_by_what_they_hold(a_file):
    accounts = read(
        a_file(
            "id,Visits per year,Is partner,Growth,Since,NAICS,Note\n"
            "1,12,yes,5%,2020-01-31,0111,hello\n2,9,no,7%,2021-05-01,31-33,\n"
        ),
        geocode=False,
    )

    assert accounts.types == {
        "account_id": "id",
        "visits_per_year": "count",
        "is_partner": "boolean",
        "growth": "percentage",
        "since": "date",
        "naics": "text",
        "note": "text",
    }
    assert accounts.frame["growth"].to_list() == [0.05, 0.07]


def test_a_type_can_be_told_and_must_exist(a_file):
    path = a_file("id,tags\n1,a;b\n2,c\n")

    assert read(path, types={"tags": "list"}, geocode=False).frame["tags"].to_list() == [["a", "b"], ["c"]]
    with pytest.raises(UnknownField, match="No field type is called 'lists'; the types are text, number"):
        read(path, types={"tags": "lists"}, geocode=False)


def test_a_mapping_to_a_column_that_is_not_there_is_refused(a_file):
    with pytest.raises(UnknownColumn, match=r"accounts\.csv has no column 'Idd' for account_id; did you mean 'Id'"):
        read(a_file("Id,name\n1,A\n"), columns={"account_id": "Idd"}, geocode=False)


def test_further_tables_join_by_account_id(a_file):
    main = a_file("id,employees\nA,5\nB,\nC,7\n")
    extra = a_file("account_id,intent score,employees\nA,80,99\nB,60,6\nZ,1,1\nA,2,2\n", "extra.csv")

    accounts = read(main, join=[extra], geocode=False)

    assert accounts.frame["intent_score"].to_list() == [80, 60, None]
    assert accounts.frame["employees"].to_list() == [5, 6, 7]
    assert "1 rows of extra.csv belong to no account and are not used." in accounts.problems["message"].to_list()
    assert accounts.rejected.select("line", "column", "found").rows() == [(5, "extra.csv: account_id", "A")]


def test_accounts_are_placed_on_the_map(a_file):
    accounts = read(a_file("id,city,state,zip\n1,Boston,MA,2108\n2,,,\n"))

    first, second = accounts.frame.to_dicts()
    assert first["postal_code"] == "02108"
    assert first["latitude"] == pytest.approx(42.36, abs=0.1)
    assert first["county_fips"] == "25025"
    assert first["time_zone"] == "America/New_York"
    assert second["latitude"] is None
    assert "get theirs from it" in accounts.problems["message"][0]


def test_a_county_the_file_names_stays(a_file):
    accounts = read(a_file("id,zip,country,county_fips\n1,02108,US,9001\n2,02108,US,\n"))

    assert accounts.frame["county_fips"].to_list() == ["09001", "25025"]


def test_every_refusal_is_bad_input(a_file):
    for content in ("", "id\n", "x\na\na\n"):
        with pytest.raises(BadInput):
            read(a_file(content))


def test_a_frame_gives_the_same_accounts_as_its_file(a_file):
    path = a_file("id,name,employees,city,country\n1,A,5,Rome,Italy\n2,B,6,Paris,France\n")

    assert read(pl.read_csv(path)).snapshot_id == read(path).snapshot_id
