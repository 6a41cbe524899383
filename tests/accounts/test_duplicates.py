import polars as pl
import pytest

from patchbook.accounts import read
from patchbook.accounts.duplicates import find_duplicates

ROWS = """id,name,website,phone,street,city,state,zip,employees
1,"Acme Industries, Inc.",acme.com,202-555-0143,12 Main Street,Boston,MA,02108,500
2,ACME INDUSTRIES LLC,www.acme.com,,12 Main St,Boston,MA,02108,
3,Acme Industries,,,99 Elm Road,Seattle,WA,98101,20
4,HP Inc.,hp.com,650-555-0100,1501 Page Mill Road,Palo Alto,CA,94304,50000
5,Hewlett Packard Enterprise,hpe.com,650-555-0100,1501 Page Mill Road,Palo Alto,CA,94304,60000
6,Bolt Builders,,503-555-0199,5 Oak Avenue,Portland,OR,97201,8
7,Bolt Bulders LLC,,(503) 555-0199,5 Oak Ave,Portland,OR,97201,
8,Bolt & Co,gmail.com,,,Austin,TX,73301,
9,Cog & Co,gmail.com,,,Austin,TX,73301,
"""


@pytest.fixture
def accounts(a_file):
    return read(a_file(ROWS), geocode=False)


def test_two_spellings_of_one_company_are_a_pair_with_reasons(accounts):
    found = find_duplicates(accounts.frame).pairs.to_dicts()

    assert {(pair["account_id"], pair["duplicate_id"]) for pair in found} == {("1", "2"), ("6", "7")}
    assert found[0]["reasons"] == "same name, same domain, same street, same postal code or city"
    assert "same telephone" in next(pair["reasons"] for pair in found if pair["account_id"] == "6")


def test_two_companies_in_one_building_are_not_a_pair(accounts):
    pairs = find_duplicates(accounts.frame).pairs

    assert pairs.filter(pl.col("account_id").is_in(["4", "5"])).height == 0


def test_one_name_in_two_towns_is_not_a_pair_by_itself(accounts):
    assert find_duplicates(accounts.frame).pairs.filter(pl.col("duplicate_id") == "3").height == 0


def test_names_that_only_begin_alike_in_one_town_are_not_a_pair(a_file):
    content = (
        "id,name,zip,street,phone\n1,Bowie Machine Inc,20715,6627 Gray Blvd,\n2,Bowie Inn Inc,20715,1743 Ramos Blvd,\n"
        "3,Forest Hills Properties Corp,11375,657 Mitchell Ave,\n4,Forest Hills Properties LLC,11375,549 Harris Ave,\n"
    )

    assert find_duplicates(read(a_file(content), geocode=False).frame).pairs.height == 0


def test_the_fullest_record_is_proposed_to_stay_and_nothing_is_merged(accounts):
    found = find_duplicates(accounts.frame)

    assert found.pairs["survivor"].to_list() == ["1", "6"]
    assert found.groups.rows() == [(0, "1", "1"), (0, "2", "1"), (1, "6", "6"), (1, "7", "6")]
    assert accounts.frame.height == 9


def test_of_equally_full_records_the_one_updated_last_stays(a_file):
    content = "id,name,zip,phone,updated\n1,Acme,02108,2025550143,2020-01-01\n2,Acme,02108,2025550143,2024-01-01\n"

    assert find_duplicates(read(a_file(content), geocode=False).frame).pairs["survivor"].to_list() == ["2"]


def test_three_spellings_are_one_group(a_file):
    content = "id,name,zip,phone\n" + "".join(
        f"{row},Acme {form},02108,202-555-0143\n" for row, form in enumerate(["Inc", "LLC", ""])
    )

    found = find_duplicates(read(a_file(content), columns={"account_id": "id"}, geocode=False).frame)

    assert found.pairs.height == 3
    assert found.groups["group"].unique().to_list() == [0]


def test_a_block_too_large_is_left_out_and_counted(a_file):
    content = "id,name,phone\n" + "".join(f"{row},Firm {row * 7919},202-555-0143\n" for row in range(12))
    frame = read(a_file(content), geocode=False).frame

    assert find_duplicates(frame, largest_block=10).blocks_left_out == 1
    assert find_duplicates(frame, largest_block=20).blocks_left_out == 0


def test_files_with_little_to_compare_give_no_pairs(a_file):
    found = find_duplicates(read(a_file("id\n1\n2\n"), geocode=False).frame)

    assert found.pairs.height == 0
    assert found.groups.height == 0
    assert list(found.pairs.columns) == ["account_id", "duplicate_id", "score", "reasons", "survivor"]


def test_splink_finds_the_same_company(a_file):
    rows = "".join(
        f"{row},{word} {trade} Inc,{row:05d},503-555-{row:04d},{row} Oak St\n"
        for row, (word, trade) in enumerate(
            (word, trade)
            for word in ("Acme", "Bolt", "Cog", "Dyno", "Echo")
            for trade in ("Foods", "Tools", "Paper", "Glass")
        )
    )
    again = "90,ACME FOODS,00000,,0 Oak Street\n91,Bolt Glas LLC,00007,503-555-0007,\n"
    content = "id,name,zip,phone,street\n" + rows + again

    found = find_duplicates(read(a_file(content), geocode=False).frame, method="splink", at_least=0.9)

    assert {"0", "90"} in [set(pair) for pair in found.pairs.select("account_id", "duplicate_id").rows()]
