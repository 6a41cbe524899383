import polars as pl
import pytest

from builders.sharing import made_once
from patchbook.accounts import read
from patchbook.demo.generate import LEADS, write_demo
from patchbook.demo.people import DEPARTED
from patchbook.leads.file import read_leads
from patchbook.people.file import read_people
from patchbook.plans.file import load
from patchbook.plans.rule_check import check_rules
from patchbook.replay.file import read_past


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made_once(tmp_path_factory, "demo-files", lambda folder: write_demo(folder, seed=1))


@pytest.fixture(scope="module")
def accounts(folder):
    return pl.read_csv(folder / "accounts.csv", infer_schema_length=None)


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    write_demo(tmp_path, seed=1)

    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        file.name: file.read_bytes() for file in tmp_path.iterdir()
    }


def test_another_seed_makes_up_other_people_about_the_same_companies(accounts, folder, tmp_path):
    write_demo(tmp_path, seed=2)
    other = pl.read_csv(tmp_path / "accounts.csv", infer_schema_length=None)

    assert other.select("name", "revenue_usd", "city").equals(accounts.select("name", "revenue_usd", "city"))
    assert not other["owner"].equals(accounts["owner"])


def test_our_own_intake_takes_every_account_and_person(folder):
    taken = read(folder / "accounts.csv")
    people, refused = read_people(folder / "people.csv")

    assert len(taken.frame) > 1050
    assert taken.rejected.is_empty()
    assert (taken.frame["geocode_method"] == "city+state").all()
    assert len(people) == 38
    assert refused.is_empty()


def test_todays_book_is_unfair(accounts):
    held = accounts.filter(~pl.col("owner").is_in(DEPARTED))["owner"].drop_nulls().value_counts()["count"]
    orphaned = accounts["owner"].is_in(DEPARTED).mean()

    assert held.max() > 2.5 * held.mean()
    assert held.min() < held.mean() / 2
    assert 0.03 < orphaned < 0.09
    assert 0.01 < accounts["owner"].null_count() / len(accounts) < 0.06


def test_both_plans_can_be_read_and_name_only_columns_that_are_there(folder, accounts):
    people = pl.read_csv(folder / "people.csv")
    for name in ("field.yaml", "segments.yaml"):
        plan = load(folder / name)

        assert plan.accounts.name == "accounts.csv"
        assert plan.measures
    assert {"potential_usd", "visits", "hours_per_visit", "sector_owner", "language"} <= set(accounts.columns)
    assert {"Field", "Mid-market", "Enterprise", "Strategic"} == set(people["segment"].drop_nulls())


def test_the_plan_of_rules_has_nothing_wrong_with_it_but_gaps_that_go_to_the_house(folder):
    checked = check_rules(load(folder / "inside.yaml"))

    assert {str(finding.severity) for finding in checked.proof.findings} == {"note"}


def test_leads_of_a_file_are_taken_but_for_the_one_that_shows_what_is_said_of_it(folder):
    found = read_leads(folder / "leads.csv", source="fair")

    assert [row.line for row in found.refused] == [8]
    assert len(found.rows) == 7


def test_past_leads_can_be_replayed_and_three_in_four_are_from_companies_we_know(folder, accounts):
    past = read_past(folder / "past_leads.csv")
    named = pl.read_csv(folder / "past_leads.csv")["company"]

    assert past.refused == ()
    assert len(past.past) == LEADS
    assert 0.65 < named.is_in(accounts["name"].to_list()).mean() < 0.85


def test_pipeline_of_an_account_is_the_sum_of_its_opportunities(folder, accounts):
    opportunities = pl.read_csv(folder / "opportunities.csv")
    summed = opportunities.group_by("account_id").agg(pl.len().alias("n"), pl.col("amount_usd").sum().alias("usd"))
    joined = accounts.filter(pl.col("open_opportunities") > 0).join(summed, on="account_id", how="left")

    assert (joined["open_opportunities"] == joined["n"]).all()
    assert joined["open_pipeline_usd"].to_list() == pytest.approx(joined["usd"].to_list())
    assert joined["open_opportunities"].sum() == len(opportunities)


def test_families_are_two_to_four_accounts_under_one_that_has_no_parent(accounts):
    parents = accounts["parent_id"].drop_nulls()

    assert parents.n_unique() == 30
    assert parents.value_counts()["count"].max() <= 3
    assert accounts.filter(pl.col("account_id").is_in(parents.implode()))["parent_id"].null_count() == 30


def test_strategic_accounts_go_to_people_that_exist(folder, accounts):
    strategic = pl.read_csv(folder / "strategic.csv")
    people = pl.read_csv(folder / "people.csv")

    assert strategic["account_id"].is_in(accounts["account_id"].implode()).all()
    assert strategic["person_id"].is_in(people["person_id"].implode()).all()


def test_what_is_made_up_is_said_so(folder, accounts):
    about = (folder / "ABOUT.md").read_text()
    real = {"name", "domain", "industry", "city", "state", "country", "employees", "revenue_usd"}

    assert all(column in about for column in set(accounts.columns) - real)
