"""The real public companies of the demo, from the strings they were published with."""

from __future__ import annotations

import gzip
import json
import re
from importlib.resources import files
from typing import Any

import polars as pl

from patchbook.accounts.values.counts import parse_count
from patchbook.accounts.values.domains import parse_domain
from patchbook.accounts.values.money import parse_money
from patchbook.geography.geocode import geocode
from patchbook.geography.states import state_codes

# Index providers name sectors in two ways, and a few rows hold only a description; the first that fits wins.
_SECTORS = (
    ("Health Care", r"health ?care|pharma|biotech|medical|life sciences"),
    ("Financials", r"^financ|bank|insurance|investment|asset management"),
    ("Information Technology", r"information technology|^technology|software|semiconductor|electronic|internet"),
    ("Industrials", r"industrials|industrial goods|aerospace|machinery|transport|airline|logistics|engineering"),
    (
        "Consumer Discretionary",
        r"consumer discretionary|^consumer cyclical|retail|automotive|restaurant|hospitality|hotel",
    ),
    ("Consumer Staples", r"consumer staples|non-cyclical|food|beverage|tobacco|household"),
    ("Communication Services", r"communication|telecom|media|entertainment|broadcast"),
    ("Energy", r"^energy|oil|gas"),
    ("Utilities", r"utilit|electricity|water"),
    ("Materials", r"materials|chemical|mining|metal|steel|paper|packaging"),
    ("Real Estate", r"real estate|reit"),
)
COLUMNS = (
    "name", "domain", "industry", "city", "state", "country", "latitude", "longitude", "county_fips", "employees",
    "revenue_usd",
)  # fmt: skip
_CITY_STATE = re.compile(r"^\s*([^,]+?)\s*,\s*([A-Za-z. ]+?)\s*$")
_AMERICAN = re.compile(r"([^,()]+?)\s*,\s*([A-Za-z. ]+?)\s*,?\s*(?:\d{5})?\s*,\s*(?:U\.S\.|US|USA|United States)")
_ANYWHERE = re.compile(r"([^,()]+?)\s*,\s*([A-Z][a-z]+(?: [A-Z][a-z]+)?)\b")


def raw_companies() -> list[dict[str, Any]]:
    """Every company, its strings exactly as published."""
    with (files("patchbook.demo") / "data" / "companies.jsonl.gz").open("rb") as packed:
        return [json.loads(line) for line in gzip.decompress(packed.read()).splitlines()]


def american_companies() -> pl.DataFrame:
    """
    Companies with a headquarters in a US city, in the order of their names.

    Its columns are COLUMNS; employees and revenue_usd are null where nothing was published, or the revenue was
    published in another currency.
    """
    companies = raw_companies()
    wanted = [(index, *place) for index, raw in enumerate(companies) for place in _places(raw)]
    asked = pl.DataFrame(wanted, schema=["company", "city", "state"], orient="row")
    asked = asked.with_columns(state_codes(asked["state"]), pl.lit("US").alias("country"))
    found = geocode(asked.select("city", "state", "country"), density=False)
    places = (
        # A headquarters known only by its state (a county, a building) has no place to be visited at.
        pl.concat([asked, found.select("latitude", "longitude", "geocode_method", "county_fips")], how="horizontal")
        .filter(pl.col("geocode_method") == "city+state")
        .unique("company", keep="first", maintain_order=True)
        .drop("geocode_method")
    )
    facts = pl.DataFrame([_facts(companies[index]) for index in places["company"]], infer_schema_length=None)
    return (
        pl.concat([facts, places.drop("company")], how="horizontal")
        .select(COLUMNS)
        .unique("name", keep="first", maintain_order=True)
        .sort("name")
    )


def sector(industries: list[str] | None) -> str | None:
    """
    The sector a list of industry names stands for, None when none is known.

    Examples
    --------
    >>> sector(["Computer Software", "Software"]), sector(["Consumer Cyclicals"]), sector([])
    ('Information Technology', 'Consumer Discretionary', None)
    """
    for named, _ in _SECTORS:
        if named in (industries or []):
            return named
    for named, pattern in _SECTORS:
        if any(re.search(pattern, industry, re.IGNORECASE) for industry in industries or []):
            return named
    return None


def _facts(raw: dict[str, Any]) -> dict[str, Any]:
    """What is known about a company besides its place."""
    revenue = parse_money(str(raw["revenue"])) if raw.get("revenue") else None
    return {
        "name": raw["name"].strip(),
        "domain": parse_domain(raw["website"]) if raw.get("website") else None,
        "industry": sector(raw.get("industries")),
        "employees": parse_count(str(raw["employees"])) if raw.get("employees") else None,
        "revenue_usd": revenue.amount if revenue and revenue.currency in ("USD", None) and revenue.amount > 0 else None,
    }


def _places(raw: dict[str, Any]) -> list[tuple[str, str]]:
    """
    Cities and states the company may have its headquarters in, likeliest first; the gazetteer decides.

    The country column of some rows holds them (`Wood Dale, Illinois`); a headquarters may begin with a building
    (`Heritage Plaza Houston, Texas , U.S.`), so its last words are tried too.
    """
    country, headquarters = raw.get("country") or "", raw.get("headquarters") or ""
    if country and "," not in country and country != "United States":
        return []
    places = [(found.group(1), found.group(2)) for found in [_CITY_STATE.match(country)] if found]
    if "New York City" in headquarters:
        places.append(("New York", "New York"))
    for found in _AMERICAN.finditer(headquarters):
        words = found.group(1).split()
        places += [(" ".join(words[-count:]), found.group(2)) for count in (len(words), 3, 2, 1) if count <= len(words)]
    places += [(found.group(1), found.group(2)) for found in _ANYWHERE.finditer(headquarters)]
    return [(city.strip(), state.strip()) for city, state in places]
