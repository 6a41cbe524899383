"""Write the demo's folder: real companies, made-up everything else, and plans that divide them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.accounts.csv_out import write_csv, write_whole
from patchbook.demo.companies import american_companies
from patchbook.demo.people import DEPARTED, INSIDE_SECTORS, people
from patchbook.geography.distance import great_circle_km, to_sphere_km

FloatArray = npt.NDArray[np.float64]
TextArray = npt.NDArray[np.str_]

STRATEGIC = 16
"""The largest companies by revenue, hand-picked for the two strategic reps."""

WESTERN = ("AK", "AZ", "CA", "CO", "HI", "ID", "MT", "NM", "NV", "OR", "UT", "WA", "WY")

LEADS = 120
"""Past leads of a quarter: three in four from companies that are accounts."""

COPIED = ("field.yaml", "segments.yaml", "inside.yaml", "leads.csv", "ABOUT.md")


def write_demo(folder: Path, *, seed: int = 1) -> None:
    """
    Accounts, people, opportunities, leads, three plans and ABOUT.md in a folder.

    The companies with their places, sectors, employees and revenues are real; everything else is made up from the seed,
    and ABOUT.md says so column by column. The same seed writes the same bytes.
    """
    rng = np.random.default_rng(seed)
    team = people(rng)
    accounts = _accounts(american_companies(), team, rng)
    opportunities = _opportunities(accounts, rng)
    totals = opportunities.group_by("account_id").agg(
        pl.len().cast(pl.Int64).alias("open_opportunities"), pl.col("amount_usd").sum().alias("open_pipeline_usd")
    )
    accounts = accounts.join(totals, on="account_id", how="left", maintain_order="left").with_columns(
        pl.col("open_opportunities", "open_pipeline_usd").fill_null(0)
    )
    write_csv(accounts, folder / "accounts.csv")
    write_csv(team, folder / "people.csv")
    write_csv(opportunities, folder / "opportunities.csv")
    write_csv(_strategic(accounts), folder / "strategic.csv")
    write_csv(_past_leads(accounts, team, seed), folder / "past_leads.csv")
    for name in COPIED:
        write_whole(folder / name, (files("patchbook.demo") / "data" / name).read_bytes())


def _accounts(companies: pl.DataFrame, team: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The companies with what a CRM would hold about them; every column added here is made up."""
    size = len(companies)
    accounts = companies.with_columns(pl.Series("account_id", [f"C{n:04d}" for n in range(1, size + 1)]))
    potential = _potential(companies, rng)
    visits = np.clip(np.round(2 + 1.6 * np.log10(potential / 1e3) + rng.normal(0, 1, size)), 2, 16).astype(np.int64)
    accounts = accounts.with_columns(
        pl.Series("potential_usd", potential),
        pl.Series("visits", visits),
        pl.Series("hours_per_visit", rng.choice([1.0, 1.5, 2.0, 3.0, 4.0], size=size, p=[0.15, 0.3, 0.3, 0.15, 0.1])),
        pl.Series("status", np.where(rng.random(size) < 0.3, "customer", "prospect")),
        pl.Series("language", _languages(companies, rng)),
        pl.Series("owner", _field_owners(companies, team, rng)),
        pl.Series("sector_owner", _sector_owners(companies, team, rng)),
    )
    return accounts.with_columns(_parents(accounts, rng)).select(
        "account_id", "name", "domain", "industry", "parent_id", "city", "state", "country",
        "employees", "revenue_usd", "potential_usd", "visits", "hours_per_visit", "status", "language", "owner",
        "sector_owner",
    )  # fmt: skip


def _potential(companies: pl.DataFrame, rng: np.random.Generator) -> FloatArray:
    """What an account might spend with us a year: grows with the root of its revenue, or of its sector's median."""
    revenue = companies.select(
        pl.coalesce("revenue_usd", pl.col("revenue_usd").median().over("industry"), pl.col("revenue_usd").median())
    ).to_series()
    spread = rng.lognormal(0.0, 0.45, len(companies))
    return np.asarray(np.round(np.sqrt(revenue.to_numpy()) * 2 * spread, -2))


def _languages(companies: pl.DataFrame, rng: np.random.Generator) -> TextArray:
    """What the buyers of an account speak: mostly English, more Spanish where more people do."""
    size = len(companies)
    spanish = np.where(
        companies["state"].is_in(["TX", "FL", "CA", "NM", "AZ", "NJ", "NY", "PR"]).to_numpy(), 0.08, 0.02
    )
    draw = rng.random(size)
    chosen = np.where(
        draw < spanish, "Spanish", np.where(draw > 0.985, "German", np.where(draw > 0.975, "French", "English"))
    )
    return np.asarray(chosen, dtype=np.str_)


def _field_owners(companies: pl.DataFrame, team: pl.DataFrame, rng: np.random.Generator) -> list[str | None]:
    """
    Today's book of the field team, unfair as books become: mostly the nearest rep, but five reps gathered far more than
    their share, near and far; some accounts carry the id of somebody who left, and some have no owner.
    """
    reps = team.filter(pl.col("segment") == "Field")
    distance_km = great_circle_km(
        companies["latitude"].to_numpy()[:, None], companies["longitude"].to_numpy()[:, None],
        reps["latitude"].to_numpy()[None, :], reps["longitude"].to_numpy()[None, :],
    )  # fmt: skip
    reach = np.ones(len(reps))
    hoarders = rng.choice(len(reps), size=5, replace=False)
    reach[hoarders] = 1.5
    seen_km = (distance_km + 120) / reach * rng.lognormal(0, 0.2, distance_km.shape)
    rep = seen_km.argmin(axis=1)
    met_first = rng.random(len(rep)) < 0.15
    rep = np.where(met_first, rng.choice(hoarders, size=len(rep)), rep)
    return _lost(reps["person_id"].to_numpy()[rep], rng)


def _sector_owners(companies: pl.DataFrame, team: pl.DataFrame, rng: np.random.Generator) -> list[str | None]:
    """Today's book of the inside teams: by sector for two accounts in three, else whoever met them first."""
    segment = companies.select(segment_of(pl.col("employees"))).to_series()
    owners = []
    teams = {
        name: team.filter(pl.col("segment") == name)["person_id"].to_list() for name in ("Mid-market", "Enterprise")
    }
    for industry, named in zip(companies["industry"], segment, strict=True):
        reps = teams.get(named, [])
        knows = next((n for n, sectors in enumerate(INSIDE_SECTORS) if industry in sectors), 0)
        by_sector = rng.random() < 0.67
        other = int(rng.choice(4, p=[0.45, 0.3, 0.15, 0.1]))
        owners.append(reps[knows if by_sector else other] if reps else None)
    return _lost(np.array(owners, dtype=object), rng)


def segment_of(employees: pl.Expr) -> pl.Expr:
    """The segment plans of the demo speak of: Enterprise from 20,000 employees, Mid-market from 1,000, else none."""
    return pl.when(employees >= 20_000).then(pl.lit("Enterprise")).when(employees >= 1_000).then(pl.lit("Mid-market"))


def _lost(owners: npt.NDArray[np.object_], rng: np.random.Generator) -> list[str | None]:
    """About 6 % of the accounts with somebody who left, 3 % with nobody."""
    draw, departed = rng.random(len(owners)), rng.choice(DEPARTED, size=len(owners))
    return [
        None if chance < 0.03 or owner is None else str(left) if chance < 0.09 else str(owner)
        for owner, left, chance in zip(owners, departed, draw, strict=True)
    ]


def _parents(accounts: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
    """Thirty made-up groups of two to four accounts of one sector within 250 km, each under its largest member."""
    from scipy.spatial import cKDTree

    positions = to_sphere_km(accounts["latitude"], accounts["longitude"])
    ids, sectors = accounts["account_id"].to_list(), accounts["industry"].to_list()
    size = accounts["potential_usd"].to_numpy()
    parents: list[str | None] = [None] * len(ids)
    taken: set[int] = set(np.argsort(-size)[:STRATEGIC].tolist())
    tree = cKDTree(positions)
    groups = 0
    for seed_account in rng.permutation(len(ids)).tolist():
        if groups == 30:
            break
        near = [
            other
            for other in sorted(tree.query_ball_point(positions[seed_account], 250.0))
            if other not in taken and other != seed_account and sectors[other] == sectors[seed_account]
        ]
        if seed_account in taken or not near:
            continue
        members = [seed_account, *near[: int(rng.integers(1, 4))]]
        head = max(members, key=lambda member: size[member])
        for member in members:
            if member != head:
                parents[member] = ids[head]
        taken.update(members)
        groups += 1
    return pl.Series("parent_id", parents, dtype=pl.String)


def _opportunities(accounts: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One to three open opportunities for about a fifth of the accounts, more often customers'."""
    chance = np.where(accounts["status"].to_numpy() == "customer", 0.35, 0.14)
    count = np.where(
        rng.random(len(accounts)) < chance, rng.choice([1, 2, 3], size=len(accounts), p=[0.7, 0.22, 0.08]), 0
    )
    row = np.repeat(np.arange(len(accounts)), count)
    size = len(row)
    amount = np.round(accounts["potential_usd"].to_numpy()[row] * rng.uniform(0.1, 0.6, size), -2)
    chosen = accounts[row]
    day = pl.Series(rng.integers(0, 180, size))
    return pl.DataFrame(
        {
            "opportunity_id": [f"O{n:04d}" for n in range(1, size + 1)],
            "account_id": chosen["account_id"],
            "stage": rng.choice(["Discovery", "Proposal", "Negotiation"], size=size, p=[0.5, 0.3, 0.2]),
            "amount_usd": amount,
            "expected_close_on": pl.select(pl.date(2027, 2, 1) + pl.duration(days=pl.lit(day))).to_series(),
            "owner": chosen["owner"],
        }
    )


def _past_leads(accounts: pl.DataFrame, team: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Leads of the third quarter of 2026, who got them by turns, and when they answered; some never did."""
    rng = np.random.default_rng([seed, LEADS])
    minute = np.sort(rng.choice(92 * 24 * 60, size=LEADS, replace=False))
    known = rng.random(LEADS) < 0.75
    company = accounts[rng.integers(0, len(accounts), LEADS)]
    inside = team.filter(pl.col("segment").is_in(("Mid-market", "Enterprise")))["person_id"]
    waited = np.round(rng.lognormal(5.5, 1.2, LEADS)).astype(np.int64)
    begin = pl.datetime(2026, 7, 1, time_zone="UTC")
    written = "%Y-%m-%dT%H:%M:%SZ"
    return pl.DataFrame({"n": np.arange(1, LEADS + 1), "minute": minute, "known": known, "waited": waited}).select(
        pl.format("web-{}", "n").alias("id"),
        (begin + pl.duration(minutes="minute")).dt.strftime(written).alias("received_at"),
        pl.when("known").then(company["name"]).otherwise(pl.format("Newcomer {}", "n")).alias("company"),
        pl.when("known").then(company["domain"]).alias("website"),
        pl.when("known").then(company["industry"]).otherwise(company["industry"].reverse()).alias("industry"),
        pl.when("known").then(company["employees"]).otherwise(company["employees"].reverse()).alias("employees"),
        pl.lit("US").alias("country"),
        pl.Series("owner", inside.to_numpy()[np.arange(LEADS) % len(inside)]),
        pl.when(pl.Series(rng.random(LEADS) < 0.85))
        .then((begin + pl.duration(minutes=pl.col("minute") + pl.col("waited"))).dt.strftime(written))
        .alias("touched_at"),
    )


def _strategic(accounts: pl.DataFrame) -> pl.DataFrame:
    """The largest companies, those of the western states for the rep in San Francisco."""
    largest = accounts.sort("revenue_usd", descending=True, nulls_last=True).head(STRATEGIC)
    west = pl.col("state").is_in(WESTERN)
    return largest.select(
        "account_id",
        pl.when(west).then(pl.lit("Strategic West")).otherwise(pl.lit("Strategic East")).alias("territory"),
        pl.when(west).then(pl.lit("P02")).otherwise(pl.lit("P01")).alias("person_id"),
        "name",
    ).sort("territory", "account_id")
