import polars as pl
import pytest

from patchbook.accounts.sample import FAULTS, sample_accounts, sample_people
from patchbook.errors import BadInput
from patchbook.geography.geocode import geocode


@pytest.fixture(scope="module")
def sample():
    return sample_accounts(20_000, seed=5)


def with_truth(sample, fault):
    told = sample.truth.filter(pl.col("fault") == fault)
    return told.join(sample.accounts, on="account_id", maintain_order="left")


def test_the_same_seed_gives_the_same_bytes():
    one, other = sample_accounts(3000, seed=9), sample_accounts(3000, seed=9)

    assert one.accounts.write_csv() == other.accounts.write_csv()
    assert one.truth.write_csv() == other.truth.write_csv()


def test_another_seed_gives_other_accounts():
    assert not sample_accounts(100, seed=1).accounts.equals(sample_accounts(100, seed=2).accounts)


def test_ids_are_unique_and_every_fault_is_explained(sample):
    assert sample.accounts["account_id"].is_unique().all()
    assert set(sample.truth["fault"]) == set(FAULTS)
    assert sample.truth["account_id"].is_in(sample.accounts["account_id"].implode()).all()


def test_faults_are_planted_at_their_rates(sample):
    share = dict(sample.truth["fault"].value_counts().iter_rows())

    assert 0.010 < share["duplicate_of"] / 20_000 < 0.020
    assert 0.007 < share["postal_code_missing"] / 20_000 < 0.013
    assert 0.015 < share["phone_missing"] / 20_000 < 0.025


def test_a_copy_keeps_place_and_size_but_not_the_spelling(sample):
    copies = with_truth(sample, "duplicate_of").join(
        sample.accounts, left_on="detail", right_on="account_id", suffix="_original"
    )

    assert (copies["city"] == copies["city_original"]).all()
    assert (copies["employees"] == copies["employees_original"]).all()
    assert (copies["street"] != copies["street_original"]).all()
    assert copies["parent_id"].null_count() == len(copies)
    assert not copies["detail"].is_in(copies["account_id"].implode()).any()


def test_every_fault_can_be_seen_in_its_account(sample):
    assert with_truth(sample, "postal_code_missing")["postal_code"].null_count() > 0
    assert (with_truth(sample, "postal_code_invalid")["postal_code"] == "00000").all()
    assert with_truth(sample, "phone_missing")["phone"].null_count() == len(with_truth(sample, "phone_missing"))
    lost = with_truth(sample, "leading_zero_lost")
    assert (lost["postal_code"].str.zfill(5) == lost["detail"]).all()
    assert (lost["postal_code"].str.len_chars() < 5).all()
    assert (with_truth(sample, "state_spelled_out")["state"].str.len_chars() > 2).all()


def test_sizes_have_a_heavy_tail_and_families_a_parent_that_exists(sample):
    accounts = sample.accounts
    top = accounts.sort("revenue_usd", descending=True).head(200)["revenue_usd"].sum()

    assert accounts["employees"].min() == 1
    assert top / accounts["revenue_usd"].sum() > 0.4
    assert accounts["parent_id"].drop_nulls().is_in(accounts["account_id"].implode()).all()
    assert 0.04 < accounts["parent_id"].count() / len(accounts) < 0.07


def test_accounts_lie_where_their_postal_code_says(sample):
    clean = sample.accounts.join(sample.truth, on="account_id", how="anti").drop("latitude", "longitude")

    assert (geocode(clean, density=False)["geocode_method"] == "zip").all()


def test_a_sample_of_nothing_is_refused():
    with pytest.raises(BadInput, match="needs at least 1"):
        sample_accounts(0)
    with pytest.raises(BadInput, match="needs at least 1"):
        sample_people(0)


def test_people_have_homes_languages_and_a_manager_that_exists():
    people = sample_people(20, seed=2)
    reps = people.filter(pl.col("role") == "Rep")

    assert len(reps) == 20
    assert people["person_id"].is_unique().all()
    assert reps["manager_id"].is_in(people.filter(pl.col("role") == "Manager")["person_id"].implode()).all()
    assert reps["latitude"].null_count() == 0
    assert reps["languages"].str.contains("English").all()
    assert sample_people(20, seed=2).equals(people)
