"""A first plan for data nobody has planned yet: sensible settings, each with a comment that says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl
import yaml

from patchbook.people.person import Person
from patchbook.rules.condition import name_to_sql

Template = Literal["field", "inside", "enterprise"]

TEMPLATES: dict[Template, str] = {
    "field": "Reps who visit: territories on the map, near each rep, in one piece where the data allows it.",
    "inside": "Reps who call: no places, only fair books, with lines of business kept together.",
    "enterprise": "Few large accounts for each rep, chosen by size; everything smaller is left to the house.",
}
"""The kinds of selling a plan can begin from."""

ENOUGH = 0.5
"""A field is used for a measure when at least this share of the accounts has it."""
MAPPED = 0.8
"""Selling is taken to be by place when at least this share of the accounts can be put on the map."""
HEAVY_TAIL = 0.1
"""Where the largest hundredth of the accounts holds at least this much of a measure, its root tames it."""
ACCOUNTS_A_SEAT = 150
LARGE = 0.9
"""Enterprise accounts are those above this quantile of the potential."""

_POTENTIAL = ("potential_usd", "potential", "revenue_usd", "open_pipeline_usd", "employees")
_NO_AMOUNTS = frozenset({"latitude", "longitude", "density", "geocode_precision_km"})
_NO_GROUPS = frozenset({"account_id", "parent_id", "family_id", "name", "domain", "county_fips", "owner"})
_WORKLOAD = ("workload", "workload_hours", "hours", "visits", "calls")


@dataclass(frozen=True, kw_only=True)
class Market:
    """What a new plan is made from."""

    accounts_file: str
    accounts: pl.DataFrame
    """As `patchbook.accounts.read` gives them."""
    people_file: str | None = None
    people: Sequence[Person] = ()
    renamed: Sequence[tuple[str, str]] = ()
    """(column of the file, field it was taken for), where the names differ."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What whoever begins a plan says themselves, instead of what the data suggests; None leaves it to the data."""

    effective: date | None = None
    people: str | None = None
    """A condition over the people: who sells."""
    potential: str | None = None
    """The field territories share fairly."""
    workload: str | None = None
    """The field that says how much work an account is; an empty text for none."""
    tolerance: float = 0.05
    """How far a territory may be from its share of the potential; twice as far of anything else."""
    by: str | None = None
    """The field whose equal values stay together, where places do not count."""
    keep_owners: bool | None = None


AS_SUGGESTED = Choices()


def new_plan(market: Market, *, name: str, template: Template | None = None, choices: Choices = AS_SUGGESTED) -> str:
    """
    The text of a plan for a market, with comments; it loads as it is.

    Parameters
    ----------
    template
        The kind of selling; without it by place when most accounts can be put on the map, else inside.
    choices
        What is settled already.
    """
    template = template or ("field" if _share(market.accounts, "latitude") >= MAPPED else "inside")
    measures = _measures(market.accounts, choices)
    lines = [
        f"# {TEMPLATES[template]}",
        f"# Written from {market.accounts.height:,} accounts and {len(market.people):,} people; every line is yours to"
        " change.",
        f"plan: {_scalar(name)}",
        *([f"effective: {choices.effective.isoformat()}"] if choices.effective else []),
        f"accounts: {_scalar(market.accounts_file)}",
        *([f"people: {_scalar(market.people_file)}"] if market.people_file else []),
        *_columns(market.renamed),
        "",
        "measures:",
        *(line for measure in measures for line in measure),
        "",
        "# The first layer that takes an account wins.",
        "layers:",
        "  # Hand-picked accounts come first: a CSV of account_id, territory and, where wanted, person_id.",
        "  # - named: strategic.csv",
        *_carve(market, template, choices),
        "  # Whatever no layer took; the report counts it.",
        "  - house: rest",
    ]
    return "\n".join(lines) + "\n"


def _columns(renamed: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(renamed)
    if not pairs:
        return []
    return [
        "# Columns were taken for these fields; a wrong one is put right here.",
        "columns:",
        *(f"  {field}: {_scalar(column)}" for column, field in pairs),
    ]


def _measures(accounts: pl.DataFrame, choices: Choices) -> list[list[str]]:
    measures: list[list[str]] = []
    potential = choices.potential or next((field for field in _POTENTIAL if _is_usable(accounts, field)), None)
    tolerance, wider = f"{choices.tolerance * 100:.6g}%", f"{min(choices.tolerance * 2, 0.9) * 100:.6g}%"
    if potential is not None:
        is_heavy = _is_heavy_tailed(accounts[potential])
        transform = ", transform: sqrt" if is_heavy else ""
        why = " The root keeps one giant from counting as much as a region." if is_heavy else ""
        measures.append(
            [
                f"  # What an account may bring.{why}",
                f"  potential: {{from: {_source(potential)}{transform}, tolerance: {tolerance}}}",
            ]
        )
    workload: str | None
    if choices.workload is not None:
        workload = _source(choices.workload) if choices.workload else None
    elif _is_usable(accounts, "visits") and _is_usable(accounts, "hours_per_visit"):
        workload = '"visits * hours_per_visit"'
    else:
        field = next((field for field in _WORKLOAD if _is_usable(accounts, field)), None)
        workload = field and _source(field)
    if workload is not None:
        measures.append(["  # The work an account is.", f"  workload: {{from: {workload}, tolerance: {wider}}}"])
    if len(measures) < 2:
        measures.append(["  # How many accounts there are.", f'  accounts: {{from: "1", tolerance: {wider}}}'])
    return measures


def _carve(market: Market, template: Template, choices: Choices) -> list[str]:
    accounts = market.accounts
    names = {"field": "Field", "inside": "Inside", "enterprise": "Enterprise"}
    large, count = _large(accounts) if template == "enterprise" else (None, accounts.height)
    seats = "from people" if market.people else str(max(2, round(count / (30 if large else ACCOUNTS_A_SEAT))))
    lines = ["  - carve:", f"      name: {names[template]}"]
    if large is not None:
        lines += ["      # The largest tenth; a lower figure takes more accounts.", f"      where: {_scalar(large)}"]
    if choices.people is not None:
        lines += ["      # Who sells.", f"      people: {_scalar(choices.people)}"]
    ground = _ground(accounts, template, choices)
    lines += [
        "      # One seat a person; a number, or {from: workload, capacity: 1800}, works as well.",
        f"      seats: {seats}",
        *ground,
        *_requirements(market),
        *_keep(accounts, choices, is_in_one_piece=any("contiguous:" in line for line in ground)),
    ]
    return lines


def _ground(accounts: pl.DataFrame, template: Template, choices: Choices) -> list[str]:
    if template == "field":
        lines = ["      # Territories close together, near the people who visit them.", "      compact: true"]
        if _share(accounts, "county_fips") >= MAPPED:
            lines += ["      # In one piece, county by county.", "      contiguous: counties"]
        return lines
    lines = ["      # Places do not count.", "      travel: 0"]
    suggested = (field for field in ("industry", "vertical", "segment") if _is_grouping(accounts, field))
    by = choices.by or next(suggested, None)
    if by is not None:
        lines += ["      # Accounts of one kind stay with one person where they can.", f"      by: {by}"]
    return lines


def _requirements(market: Market) -> list[str]:
    """Languages, when somebody speaks each that an account needs."""
    spoken = {language.casefold() for person in _book_holders(market.people) for language in person.languages}
    if not spoken or _share(market.accounts, "language") == 0:
        return []
    needed = market.accounts["language"].cast(pl.String).drop_nulls().unique().sort().to_list()
    unspoken = [language for language in needed if language.casefold() not in spoken]
    if unspoken:
        return [
            f"      # Who takes an account could have to speak its language; nobody speaks {', '.join(unspoken)}.",
            "      # require: {language: languages}",
        ]
    return ["      # Who takes an account must speak its language.", "      require: {language: languages}"]


def _book_holders(people: Sequence[Person]) -> list[Person]:
    leaders = {person.manager_id for person in people}
    return [person for person in people if person.person_id not in leaders]


def _keep(accounts: pl.DataFrame, choices: Choices, *, is_in_one_piece: bool) -> list[str]:
    lines = ["      keep:"]
    if "parent_id" in accounts.columns:
        lines.append("        # Accounts under one parent stay together.")
    lines.append("        families: true")
    if choices.keep_owners is False:
        return [*lines, "        # Today's owners do not count.", "        owners: ignore"]
    if _share(accounts, "owner") == 0 and not choices.keep_owners:
        return lines
    lines += [
        "        # Staying with today's owner counts; a share bounds how many accounts may move.",
        "        owners: prefer",
        "        # moved_at_most: 30%",
    ]
    if _is_usable(accounts, "open_opportunities", at_least=0.0):
        protect = 'protect: "open_opportunities > 0"'
        lines.append("        # Whoever works an open opportunity finishes it.")
        if is_in_one_piece:
            lines += [
                "        # Such accounts can lie apart from the rest of a territory, which then is not in one piece: "
                "choose.",
                f"        # {protect}",
            ]
        else:
            lines.append(f"        {protect}")
    return lines


def _large(accounts: pl.DataFrame) -> tuple[str | None, int]:
    """A condition for the largest tenth, and how many accounts meet it."""
    field = next((field for field in _POTENTIAL if _is_usable(accounts, field)), None)
    if field is None:
        return None, accounts.height
    limit = float(accounts[field].quantile(LARGE) or 0.0)
    rounded = float(f"{limit:.1e}")
    count = int((accounts[field] >= rounded).sum())
    return f"{name_to_sql(field)} >= {rounded:.0f}", count


def usable_fields(accounts: pl.DataFrame) -> list[str]:
    """The fields that can be a measure, the likeliest first."""
    found = [name for name in accounts.columns if name not in _NO_AMOUNTS and _is_usable(accounts, name)]
    likely = (*_POTENTIAL, *_WORKLOAD)
    return sorted(found, key=lambda name: (likely.index(name) if name in likely else len(likely), name))


def grouping_fields(accounts: pl.DataFrame) -> list[str]:
    """The fields whose equal values can stay with one person."""
    texts = [name for name, kind in accounts.schema.items() if kind == pl.String and name not in _NO_GROUPS]
    return [name for name in texts if _is_grouping(accounts, name)]


def mapped_share(accounts: pl.DataFrame) -> float:
    """The part of the accounts that can be put on the map."""
    return _share(accounts, "latitude")


def _is_usable(accounts: pl.DataFrame, field: str, *, at_least: float = ENOUGH) -> bool:
    """Whether a field holds numbers that can be balanced: there, not negative, not all zero."""
    if field not in accounts.columns or not accounts.schema[field].is_numeric():
        return False
    values = accounts[field].drop_nulls()
    low, total = values.min(), values.sum()
    return _share(accounts, field) >= at_least and isinstance(low, int | float) and low >= 0 and total > 0


def _is_grouping(accounts: pl.DataFrame, field: str) -> bool:
    return _share(accounts, field) >= ENOUGH and 2 <= accounts[field].n_unique() <= 60


def _is_heavy_tailed(values: pl.Series) -> bool:
    top = values.drop_nulls().top_k(max(1, len(values) // 100)).sum()
    return float(top) >= HEAVY_TAIL * float(values.sum())


def _share(accounts: pl.DataFrame, field: str) -> float:
    """The part of the accounts that has a field."""
    if field not in accounts.columns or accounts.height == 0:
        return 0.0
    return 1.0 - accounts[field].null_count() / accounts.height


def _source(field: str) -> str:
    return _scalar(name_to_sql(field))


def _scalar(text: str) -> str:
    """A text as YAML writes it on one line."""
    return yaml.safe_dump(text, allow_unicode=True, width=10**6).removesuffix("\n").removesuffix("\n...")
