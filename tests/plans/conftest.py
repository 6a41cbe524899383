"""A market small enough to look through: two accounts in each of twelve cities, three people, one measure."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.result import Result

CITIES = (
    ("Boston", "MA"), ("Chicago", "IL"), ("Denver", "CO"), ("Houston", "TX"), ("Seattle", "WA"), ("Miami", "FL"),
    ("Atlanta", "GA"), ("Phoenix", "AZ"), ("Portland", "OR"), ("Austin", "TX"), ("New York", "NY"), ("San Diego", "CA"),
    ("Honolulu", "HI"), ("Anchorage", "AK"),
)  # fmt: skip
"""The last two are islands as far as roads go."""

OWNERS = ("ann", "bob", "cy", "")

PEOPLE: tuple[dict[str, object], ...] = (
    {"person_id": "ann", "name": "Ann Able", "email": "ann@example.com", "city": "Boston", "state": "MA"},
    {"person_id": "bob", "name": "Bob Best", "email": "bob@example.com", "city": "Denver", "state": "CO"},
    {"person_id": "cy", "name": "Cy Core", "email": "cy@example.com", "city": "Atlanta", "state": "GA"},
)

FIELD = "  - carve: {name: Field, balance: [potential], compact: true}\n"


def some_accounts(number: int = 24, *, cities: int = 12, **columns: Callable[[int], object]) -> list[dict[str, object]]:
    """Accounts A1, A2, …; a column may be given as a function of the account's place in the file, from 0."""
    return [
        {
            "account_id": f"A{i + 1}",
            "name": f"Company {i + 1}",
            "city": CITIES[i % cities][0],
            "state": CITIES[i % cities][1],
            "country": "US",
            "owner": OWNERS[i % 4],
            "revenue_usd": 100 + 3 * i,
            "industry": ("Energy", "Health")[i % 2],
            **{name: value(i) for name, value in columns.items()},
        }
        for i in range(number)
    ]


def some_people(**columns: Sequence[object]) -> list[dict[str, object]]:
    """Ann in Boston, Bob in Denver and Cy in Atlanta, with a value each for more columns."""
    return [
        {**person, "country": "US", **{name: values[place] for name, values in columns.items()}}
        for place, person in enumerate(PEOPLE)
    ]


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def a_plan(tmp_path) -> Callable[..., Path]:
    """Writes a plan with its accounts and people, and gives its path."""

    def build(
        *,
        accounts: Sequence[Mapping[str, object]] | None = None,
        people: Sequence[Mapping[str, object]] | None = None,
        measures: str = "  potential: {from: revenue_usd, tolerance: 30%}\n",
        layers: str = FIELD,
        more: str = "",
    ) -> Path:
        write_rows(tmp_path / "accounts.csv", accounts or some_accounts())
        write_rows(tmp_path / "people.csv", people or some_people())
        text = f"plan: Tiny\naccounts: accounts.csv\npeople: people.csv\nmeasures:\n{measures}layers:\n{layers}{more}"
        (tmp_path / "plan.yaml").write_text(text)
        return tmp_path / "plan.yaml"

    return build


@pytest.fixture
def carved(a_plan) -> Callable[..., Result]:
    """The tiny market, carved."""

    def build(**changes: Any) -> Result:
        return carve(load(a_plan(**changes)))

    return build


def seat_of(result: Result) -> dict[str, str | None]:
    """Account → seat."""
    return dict(result.assignments.select("account_id", "seat").iter_rows())


def person_of(result: Result) -> dict[str, str | None]:
    """Account → person."""
    return dict(result.assignments.select("account_id", "person").iter_rows())


def told(result: Result, kind: str) -> list[str]:
    """What is remarked of that kind."""
    return [message for found, message in result.problems.select("kind", "message").iter_rows() if found == kind]
