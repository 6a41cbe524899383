"""Which account a lead belongs to: what counts, what does not, and what breaks a tie."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.worlds import a_lead
from patchbook.accounts.sample import sample_accounts
from patchbook.routing.match import FREE, SHARED_HOSTS, TIE_BREAKS, best_of, fit, identity_of, is_free, registrable
from patchbook.routing.match_index import _REGISTRABLE, AccountIndex
from patchbook.routing.questions import Candidate, Identity

ACCOUNTS = AccountIndex(
    pl.DataFrame(
        {
            "account_id": ["acme", "acme-de", "bolt", "smith-1", "smith-2", "cafe", "gmail-shop", "blog"],
            "name": [
                *("Acme Industries, Inc.", "Acme Industries GmbH", "Bolt LLC", "Smith Plumbing", "Smith Plumbing Inc"),
                *("Café Müller", "Corner Shop", "Ann's Blog"),
            ],
            "domain": ["acme.com", "acme.de", "bolt.co.uk", None, "smith.com", None, "gmail.com", "ann.wordpress.com"],
            "phone": ["+12025550143", None, "+442071838750", "+17135550199", None, None, None, None],
            "city": ["Atlanta", "Berlin", "London", "Houston", "Dallas", "Bern", "Rome", "Oslo"],
            "postal_code": ["30301", "10115", None, "77001", "75201", "3000", None, None],
            "country": ["US", "DE", "GB", "US", "US", "CH", "IT", "NO"],
        }
    )
)


def found(at_least: float = 0.7, **fields: str) -> list[str]:
    return [one.account_id for one in ACCOUNTS.candidates(identity_of(a_lead(**fields)), at_least)]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"email": "joe@acme.com"}, "acme"),
        ({"email": "joe@acme.com", "name": "Something Else"}, "acme"),
        ({"email": "joe@mail.acme.com"}, "acme"),
        ({"email": "joe@gmail.com", "domain": "https://www.acme.com/contact"}, "acme"),
        ({"email": "JOE@ACME.COM"}, "acme"),
        ({"email": "joe@shop.bolt.co.uk", "name": "Bolt"}, "bolt"),
        ({"phone": "(202) 555-0143", "name": "ACME Industries"}, "acme"),
        ({"name": "Smith Plumbing", "city": "houston"}, "smith-1"),
        ({"name": "Smth Plumbing", "city": "Houston", "postal_code": "77001"}, "smith-1"),
        ({"name": "cafe muller", "postal_code": "3000"}, "cafe"),
        ({"email": "ann@ann.wordpress.com", "domain": "ann.wordpress.com"}, "blog"),
    ],
)
def test_a_lead_finds_its_account(fields, wanted):
    assert found(**fields)[0] == wanted


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"email": "joe@gmail.com"},
        {"email": "joe@other.wordpress.com"},
        {"email": "joe@co.uk"},
        {"name": "Smith Plumbing"},
        {"name": "Smith Painting", "city": "Houston"},
        {"name": "Acme Industries", "city": "Paris", "country": "FR"},
        {"phone": "+1 713 555 0199"},
        {"email": "@", "name": "…", "phone": "12"},
    ],
)
def test_too_little_finds_nothing(fields):
    assert found(**fields) == []


def test_what_agrees_is_told_with_the_score():
    best = ACCOUNTS.candidates(identity_of(a_lead(email="joe@acme.com", name="Acme Industries", city="Atlanta")), 0.7)[
        0
    ]

    assert best.agrees == ("the domain acme.com", "the name", "the city")
    assert best.score > 0.999


def test_domains_of_ones_own_can_be_free_as_well():
    assert identity_of(a_lead(email="joe@acme.com"), {"acme.com"}).domain is None
    one = pl.DataFrame({"account_id": ["a"], "name": ["A"], "domain": ["acme.com"]})

    index = AccountIndex(one)
    for domain in ("acme.com", "mail.acme.com"):
        assert index.candidates(Identity(domain=domain), 0.5)
        assert index.candidates(Identity(domain=domain), 0.5, {"acme.com"}) == ()


def test_the_lists_of_domains_are_clean():
    for domain in FREE | SHARED_HOSTS:
        assert domain == domain.lower().strip()
        assert "." in domain
    assert is_free("gmail.com")
    assert not is_free("acme.com")


@pytest.mark.parametrize(
    ("tie_break", "better"),
    [
        ("customer", {"is_customer": True}),
        ("open deal", {"open_deals": 2}),
        ("recent", {"active_on": "2027-01-02"}),
        ("larger family", {"family_size": 12}),
    ],
)
def test_a_tie_is_broken_by_what_is_stated(tie_break, better):
    one = Candidate(account_id="a", name="A", score=0.9, active_on="2026-01-01")
    other = Candidate(account_id="b", name="B", score=0.9, **{"active_on": "2026-01-01", **better})

    best, why, others = best_of([one, other], 1.0, tuple(TIE_BREAKS))

    assert (best, why, others) == (other, TIE_BREAKS[tie_break], (one,))


def test_what_nothing_decides_goes_by_the_evidence_then_by_the_first_id():
    one, other = (Candidate(account_id=account_id, name="A", score=0.9) for account_id in "ab")
    better = Candidate(account_id="c", name="A", score=0.91)

    assert best_of([other, one], 1.0, tuple(TIE_BREAKS))[:2] == (one, "has the first id")
    assert best_of([other, better], 1.0, ())[:2] == (better, "fits a little better")


LABEL = st.sampled_from(["acme", "co", "com", "uk", "de", "org", "shop", "wordpress", "bücher"])


@settings(max_examples=200)
@given(st.lists(LABEL, min_size=2, max_size=4))
def test_a_column_and_one_domain_agree_on_what_is_registrable(labels):
    domain = ".".join(labels)
    short = str(pl.Series([domain]).str.extract(_REGISTRABLE)[0])

    assert registrable(domain) == (domain if short in SHARED_HOSTS else short)


def test_every_account_that_fits_well_enough_is_found_as_comparing_all_would():
    accounts = sample_accounts(400, seed=3).accounts.with_columns(
        domain=pl.concat_str(pl.lit("firm"), pl.int_range(pl.len()).cast(pl.String), pl.lit(".com"))
    )
    index = AccountIndex(accounts)
    all_of_them = [
        identity_of(a_lead(**{name: row[name] for name in FIELDS})) for row in accounts.iter_rows(named=True)
    ]
    for row in accounts.sample(30, seed=4).iter_rows(named=True):
        for fields in ({"domain": row["domain"]}, {"name": row["name"], "city": row["city"]}):
            lead = identity_of(a_lead(**fields))
            best = max(fit(lead, other).score for other in all_of_them)
            answer = index.candidates(lead, 0.5)
            assert answer[0].score == best


FIELDS = ("name", "domain", "phone", "street", "postal_code", "city", "country")
