"""Made-up accounts and people in any number, shaped like a real market and with faults planted that are all told.

Places are drawn by people and by how many establishments a state has for its people (County Business Patterns 2011,
US Census Bureau), sectors by the same source, sizes from Zipf's law with the exponent Axtell found for US firms
(Science 293, 2001), families from a heavy tail. The same seed gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.accounts.sample_words import ADJECTIVES, GIVEN_NAMES, SECTORS, STATE_DENSITY, SUFFIXES, SURNAMES
from patchbook.errors import BadInput
from patchbook.geography import gazetteer
from patchbook.geography.states import US_STATES, US_TERRITORIES

IntArray = npt.NDArray[np.int64]

EPOCH = date(1970, 1, 1)
NEWEST = date(2026, 12, 31)
"""The last day an account of the sample was created on."""

SIZE_EXPONENT = 1.06
DUPLICATES = 0.015
FAMILY_MEMBERS = 0.06
PARENTS = 0.004

FAULTS = {
    "duplicate_of": "A copy of another account under its own id, with the name, street and phone written otherwise.",
    "postal_code_missing": "The postal code is empty.",
    "leading_zero_lost": "The postal code lost its leading zeros, as in a spreadsheet.",
    "state_spelled_out": "The state is written as a name.",
    "phone_missing": "The phone is empty.",
    "postal_code_invalid": "The postal code is 00000.",
}
"""What may be wrong with an account of the sample; the truth table names one of these for each fault."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Accounts and the truth about what is wrong with them."""

    accounts: pl.DataFrame
    """account_id, name, parent_id, naics, industry, employees, revenue_usd, street, city, state, postal_code, country,
    latitude, longitude, phone, created_on."""
    truth: pl.DataFrame
    """account_id, fault (a key of FAULTS), detail (the right value, or the account it is a copy of)."""


def sample_accounts(rows: int, *, seed: int = 1) -> Sample:
    """
    So many made-up US accounts, with about 1.5 % duplicates and 4.3 % other faults.

    Examples
    --------
    >>> sample_accounts(3, seed=1).accounts["account_id"].to_list()
    ['A0000000', 'A0000001', 'A0000002']
    """
    if rows < 1:
        raise BadInput(f"A sample of {rows} rows was asked for; it needs at least 1.")
    rng = np.random.default_rng(seed)
    zips = gazetteer.us_zips().filter(pl.col("county_fips").is_not_null(), pl.col("state") != "AS")
    drawn = _Draw.of(rows, zips, rng)
    clean = _clean(drawn, zips)
    truth = _truth(drawn, clean)
    return Sample(accounts=_spoiled(clean, drawn), truth=truth)


def sample_people(seats: int, *, seed: int = 1) -> pl.DataFrame:
    """
    So many made-up reps at home in US cities, drawn by population, and a manager for every eight of them.

    Its columns are the standard fields of a people file; docs/reference/demo-data.md lists them.
    """
    if seats < 1:
        raise BadInput(f"{seats} seats were asked for; a team needs at least 1.")
    rng = np.random.default_rng(seed)
    managers = -(-seats // 8)
    size = managers + seats
    zips = gazetteer.us_zips().filter(
        pl.col("state").is_in([state for state in US_STATES if state not in US_TERRITORIES])
    )
    people = zips["population"].to_numpy().astype(float)
    home = zips[rng.choice(len(zips), size=size, p=people / people.sum())]
    sectors = [sector.name for sector in SECTORS]
    is_rep = np.arange(size) >= managers
    rep = np.maximum(np.arange(size) - managers, 0)
    return (
        pl.DataFrame(
            {
                "number": np.where(is_rep, rep, np.arange(size)) + 1,
                "is_rep": is_rep,
                "manager": rep // 8 + 1,
                "given": rng.choice(GIVEN_NAMES, size=size),
                "family": rng.choice(SURNAMES, size=size),
                "skills": [";".join(sorted(rng.choice(sectors, size=3, replace=False))) for _ in range(size)],
                "languages": rng.choice(list(LANGUAGES), size=size, p=list(LANGUAGES.values())),
                "city": home["city"],
                "state": home["state"],
                "latitude": home["latitude"],
                "longitude": home["longitude"],
                "capacity": rng.choice([1.0, 0.8, 0.5], size=size, p=[0.9, 0.06, 0.04]),
                "ramp": np.where(rng.random(size) < 0.1, 0.6, 1.0),
            }
        )
        .with_columns(
            _person_id("number", pl.when("is_rep").then(pl.lit("P")).otherwise(pl.lit("M"))).alias("person_id")
        )
        .select(
            "person_id",
            pl.concat_str("given", "family", separator=" ").alias("name"),
            pl.concat_str(
                pl.concat_str("given", "family", "person_id", separator=".").str.to_lowercase(), pl.lit("@example.com")
            ).alias("email"),
            pl.when("is_rep").then(pl.lit("Rep")).otherwise(pl.lit("Manager")).alias("role"),
            pl.when("is_rep").then(pl.lit("Field")).alias("segment"),
            pl.when("is_rep").then(_person_id("manager", pl.lit("M"))).alias("manager_id"),
            pl.when("is_rep").then("skills").alias("skills"),
            "languages",
            "city",
            "state",
            "latitude",
            "longitude",
            pl.when("is_rep").then("capacity").otherwise(1.0).alias("capacity"),
            pl.when("is_rep").then("ramp").otherwise(1.0).alias("ramp"),
        )
    )


LANGUAGES = {"English": 0.8, "English;Spanish": 0.14, "English;French": 0.03, "English;German": 0.03}
"""What reps of the sample speak, and how many of them."""


def _person_id(number: str, letter: pl.Expr) -> pl.Expr:
    return pl.concat_str(letter, pl.col(number).cast(pl.String).str.zfill(5))


@dataclass(frozen=True, kw_only=True)
class _Draw:
    """Every chance the sample rests on, drawn once."""

    source: IntArray
    """The row an account takes its facts from: itself, or the one it is a copy of."""
    parent: IntArray
    """The row whose name and family it shares, or -1."""
    place: IntArray
    sector: IntArray
    employees: IntArray
    revenue: IntArray
    shift: npt.NDArray[np.float64]
    words: npt.NDArray[np.int64]
    number: IntArray
    phone: IntArray
    suffix: IntArray
    age_days: IntArray
    fault: npt.NDArray[np.float64]

    @classmethod
    def of(cls, rows: int, zips: pl.DataFrame, rng: np.random.Generator) -> _Draw:
        """Draw for so many rows."""
        place = rng.choice(len(zips), size=rows, p=_place_weights(zips))
        share = np.array([sector.establishments for sector in SECTORS], dtype=float)
        sector = rng.choice(len(SECTORS), size=rows, p=share / share.sum())
        size = np.floor((1 - rng.random(rows)) ** (-1 / SIZE_EXPONENT))
        employees = np.minimum(size, 2_000_000).astype(np.int64)
        per_head = np.array([sector.revenue_per_head for sector in SECTORS], dtype=float)[sector]
        revenue = np.round(employees * per_head * np.exp(rng.normal(0, 0.7, rows)), -2).astype(np.int64)
        parents = max(1, int(rows * PARENTS))
        pull = 1 / (np.arange(parents) + 10.0) ** 0.9
        parent = np.where(rng.random(rows) < FAMILY_MEMBERS, rng.choice(parents, size=rows, p=pull / pull.sum()), -1)
        parent[:parents] = -1
        source = np.arange(rows)
        copies = np.flatnonzero((rng.random(rows) < DUPLICATES) & (source > 100))
        original = (rng.random(len(copies)) * copies).astype(np.int64)
        # A copy of a copy would have no original to be found by.
        honest = ~np.isin(original, copies)
        source[copies[honest]] = original[honest]
        return cls(
            source=source,
            parent=parent,
            place=place,
            sector=sector,
            employees=employees,
            revenue=revenue,
            shift=rng.normal(0, 1, (rows, 2)) * [0.02, 0.025],
            words=rng.integers(0, 2**31, (rows, 4)),
            number=rng.integers(1, 9999, rows),
            phone=rng.integers(2_000_000, 9_999_999, rows),
            suffix=rng.choice(len(SUFFIXES), size=rows, p=list(SUFFIXES.values())),
            age_days=np.minimum(rng.exponential(14 * 365, rows), 140 * 365).astype(np.int64),
            fault=rng.random(rows),
        )

    @property
    def is_copy(self) -> npt.NDArray[np.bool_]:
        """Which rows copy another."""
        return np.asarray(self.source != np.arange(len(self.source)))


def _place_weights(zips: pl.DataFrame) -> npt.NDArray[np.float64]:
    """88 % by people and the state's density of establishments, 12 % in business ZIPs where nobody lives."""
    population = zips["population"].to_numpy().astype(float)
    density = zips["state"].replace_strict(STATE_DENSITY, default=1.0, return_dtype=pl.Float64).to_numpy()
    lived_in = population**0.9 * density
    business = (population == 0).astype(float)
    weight = 0.88 * lived_in / lived_in.sum() + 0.12 * business / business.sum()
    return np.asarray(weight / weight.sum())


def _clean(drawn: _Draw, zips: pl.DataFrame) -> pl.DataFrame:
    """The accounts before anything is spoiled, copies already carrying the facts of their originals."""
    named = np.where(drawn.parent >= 0, drawn.parent, np.arange(len(drawn.parent)))
    source = drawn.source
    place = zips[drawn.place[source]]
    sector = drawn.sector[source]
    parent = np.where(drawn.is_copy, -1, drawn.parent)
    return pl.DataFrame(
        {
            "account_id": _ids(np.arange(len(source))),
            "name": _names(drawn, zips).gather(named[source]),
            "parent_id": pl.select(
                pl.when(pl.lit(pl.Series(parent)) >= 0).then(_ids(np.maximum(parent, 0)))
            ).to_series(),
            "naics": _taken([s.naics for s in SECTORS], sector),
            "industry": _taken([s.name for s in SECTORS], sector),
            "employees": drawn.employees[source],
            "revenue_usd": drawn.revenue[source],
            "number": drawn.number[source],
            "street_name": _taken(SURNAMES, (drawn.words[source, 0] + 3) % len(SURNAMES)),
            "city": place["city"],
            "state": place["state"],
            "postal_code": place["zip"],
            "country": pl.Series(["US"]).gather(np.zeros(len(source), dtype=np.int64)),
            "latitude": np.round(place["latitude"].to_numpy() + drawn.shift[source, 0], 5),
            "longitude": np.round(place["longitude"].to_numpy() + drawn.shift[source, 1], 5),
            "phone": drawn.phone[source],
            "created_on": pl.Series(NEWEST.toordinal() - EPOCH.toordinal() - drawn.age_days[source])
            .cast(pl.Int32)
            .cast(pl.Date),
        }
    )


def _names(drawn: _Draw, zips: pl.DataFrame) -> pl.Series:
    """A company name for every row: an owner, an adjective, a town or two owners, then what they do, then the form."""
    words = drawn.words
    stems = [stem for sector in SECTORS for stem in sector.stems]
    start = np.cumsum([0, *(len(sector.stems) for sector in SECTORS)])[:-1]
    count = np.array([len(sector.stems) for sector in SECTORS])
    stem = _taken(stems, start[drawn.sector] + words[:, 2] % count[drawn.sector])
    owner = _taken(SURNAMES, words[:, 0] % len(SURNAMES))
    partner = _taken(SURNAMES, (words[:, 0] * 7 + words[:, 1]) % len(SURNAMES))
    adjective = _taken(ADJECTIVES, words[:, 1] % len(ADJECTIVES))
    kind = pl.Series(words[:, 3] % 100)
    table = pl.DataFrame(
        {
            "kind": kind, "owner": owner, "partner": partner, "adjective": adjective, "stem": stem,
            "town": zips["city"].gather(drawn.place), "suffix": _taken(list(SUFFIXES), drawn.suffix),
        }
    )  # fmt: skip
    head = (
        pl.when(pl.col("kind") < 40).then(pl.col("owner"))
        .when(pl.col("kind") < 70).then(pl.col("adjective"))
        .when(pl.col("kind") < 88).then(pl.col("town"))
        .otherwise(pl.concat_str("owner", pl.lit(" & "), "partner"))
    )  # fmt: skip
    return table.select(pl.concat_str(head, "stem", "suffix", separator=" ").str.strip_chars_end()).to_series()


def _truth(drawn: _Draw, clean: pl.DataFrame) -> pl.DataFrame:
    """One row for each fault, in the order of the accounts."""
    detail = (
        pl.when(pl.col("fault") == "duplicate_of").then(_ids(drawn.source))
        .when(pl.col("fault") == "state_spelled_out").then(pl.col("state"))
        .when(pl.col("fault") == "phone_missing").then(pl.lit(None))
        .otherwise(pl.col("postal_code"))
    )  # fmt: skip
    told = clean.select("account_id", "state", "postal_code", _faults(drawn, clean).alias("fault"))
    return (
        told.with_columns(detail.alias("detail"))
        .filter(pl.col("fault").is_not_null())
        .select("account_id", "fault", "detail")
    )


def _faults(drawn: _Draw, clean: pl.DataFrame) -> pl.Series:
    """The one fault of each account, or null."""
    chance, copy = pl.lit(pl.Series(drawn.fault)), pl.lit(pl.Series(drawn.is_copy))
    zero = pl.col("postal_code").str.starts_with("0")
    return clean.select(
        pl.when(copy).then(pl.lit("duplicate_of"))
        .when(chance < 0.010).then(pl.lit("postal_code_missing"))
        .when((chance < 0.017) & zero).then(pl.lit("leading_zero_lost"))
        .when((chance < 0.017 + 0.005) & ~zero).then(pl.lit("state_spelled_out"))
        .when(chance.is_between(0.022, 0.042)).then(pl.lit("phone_missing"))
        .when(chance.is_between(0.042, 0.044)).then(pl.lit("postal_code_invalid"))
        .alias("fault")
    ).to_series()  # fmt: skip


def _spoiled(clean: pl.DataFrame, drawn: _Draw) -> pl.DataFrame:
    """The accounts as somebody would hand them over."""
    fault, copy = pl.lit(_faults(drawn, clean)), pl.lit(pl.Series(drawn.is_copy))
    way = pl.lit(pl.Series(np.arange(len(clean)) % 4))
    name, zip_code, digits = pl.col("name"), pl.col("postal_code"), pl.col("phone").cast(pl.String)
    length = name.str.len_chars()
    swapped = pl.concat_str(name.str.slice(0, length - 3), name.str.slice(length - 1, 1), name.str.slice(length - 3, 2))
    other_name = (
        pl.when(way == 0).then(name.str.to_uppercase())
        .when(way == 1).then(name.str.replace("LLC", "L.L.C.", literal=True).str.replace(r"Inc\.?$", "Incorporated"))
        .when((way == 2) & (length > 6)).then(swapped)
        .otherwise(name.str.replace(" & ", " and ", literal=True))
    )  # fmt: skip
    kind = pl.col("number") % 4
    short = kind.replace_strict({0: "St", 1: "Ave", 2: "Rd", 3: "Blvd"}, return_dtype=pl.String)
    spelled = kind.replace_strict({0: "Street", 1: "Avenue", 2: "Road", 3: "Boulevard"}, return_dtype=pl.String)
    area = (200 + pl.col("phone") % 700).cast(pl.String)
    phone = pl.concat_str(area, pl.lit("-"), digits.str.slice(0, 3), pl.lit("-"), digits.str.slice(3, 4))
    copied_phone = pl.concat_str(pl.lit("("), area, pl.lit(") "), digits)
    return clean.select(
        "account_id",
        pl.when(copy).then(other_name).otherwise(name).alias("name"),
        "parent_id",
        "naics",
        "industry",
        "employees",
        "revenue_usd",
        pl.concat_str(
            pl.col("number").cast(pl.String), "street_name", pl.when(copy).then(spelled).otherwise(short), separator=" "
        ).alias("street"),
        "city",
        pl.when(fault == "state_spelled_out")
        .then(pl.col("state").replace_strict(US_STATES, default=pl.col("state"), return_dtype=pl.String))
        .otherwise(pl.col("state"))
        .alias("state"),
        pl.when(fault == "postal_code_missing").then(pl.lit(None, pl.String))
        .when(fault == "leading_zero_lost").then(zip_code.str.strip_chars_start("0"))
        .when(fault == "postal_code_invalid").then(pl.lit("00000"))
        .otherwise(zip_code)
        .alias("postal_code"),
        "country",
        "latitude",
        "longitude",
        pl.when(copy).then(copied_phone)
        .when(fault == "phone_missing").then(pl.lit(None, pl.String))
        .otherwise(phone)
        .alias("phone"),
        "created_on",
    )  # fmt: skip


def _ids(rows: IntArray) -> pl.Series:
    return pl.select(pl.concat_str(pl.lit("A"), pl.lit(pl.Series(rows)).cast(pl.String).str.zfill(7))).to_series()


def _taken(values: list[str] | tuple[str, ...], index: npt.NDArray[np.int64]) -> pl.Series:
    return pl.Series(list(values), dtype=pl.String).gather(index)
