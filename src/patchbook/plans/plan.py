"""A plan: how a market is divided, as a person wrote it. Pure: no file, no clock.

`plans/file.py` reads and writes it as YAML; `plans/carve.py` turns accounts into assignments by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from patchbook.errors import BadInput

Transform = Literal["none", "sqrt", "log"]
Keeping = Literal["ignore", "prefer"]
Contiguity = Literal["counties", "postal codes", "states", "neighbours"]
Goal = Literal["carve", "rebalance"]
Table = Literal["accounts", "territories", "people"]
"""What an assertion may look at."""


class BadPlan(BadInput):
    """A plan file says something that cannot be meant; the message names file, line and what would be right."""


@dataclass(frozen=True, kw_only=True)
class PlanMeasure:
    """One quantity territories are balanced by, computed per account."""

    name: str
    source: str
    """A column, or an arithmetic expression over columns, as in `visits * hours_per_visit`."""
    transform: Transform = "none"
    cap: float | None = None
    """Values above this count as this much, before the transform."""
    tolerance: float = 0.05
    """How far a territory may be from its share: 0.05 is ±5 %."""


@dataclass(frozen=True, kw_only=True)
class Keep:
    """What a carve leaves as it is."""

    families: bool = True
    owners: Keeping = "prefer"
    moved_at_most: float | None = None
    """The largest share (0 to 1) of accounts with an owner today that may change owner."""
    protect: str | None = None
    """A condition; accounts that meet it stay with today's owner (customers, open opportunities)."""


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """How many seats a market needs: the sum of a measure divided by what one seat can carry."""

    measure: str
    capacity: float
    """In the measure's own unit, before sharing, per full-time seat."""


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Every territory gets its share of each value of a field (tiers, segments)."""

    field: str
    tolerance: float = 0.2


@dataclass(frozen=True, kw_only=True)
class Touching:
    """Areas of one's own: which of them touch, and the field that says which one an account lies in."""

    file: Path
    """A CSV of two columns of area names: one pair that touches a line."""
    area: str
    """The field of an account whose value is the name of its area."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """What counts for who gets which carved territory; each part in kilometres an account, times its weight here."""

    home: float = 1.0
    """The way from the person's home to each account."""
    incumbency: float = 1.0
    """Accounts that somebody else has today."""
    relationships: float = 1.0
    """Open opportunities, and contacts, that somebody else looks after."""
    affinity: float = 1.0
    """Accounts whose value of the layer's field is not among the person's skills."""
    ramp: float = 1.0
    """A rich territory for somebody who is new to the job."""
    contacts: str | None = None
    """A field of the accounts that names who knows them."""


@dataclass(frozen=True, kw_only=True)
class NamedLayer:
    """Hand-picked accounts: a CSV of account_id, territory and, where wanted, person_id."""

    file: Path
    name: str = "Named"


@dataclass(frozen=True, kw_only=True)
class Group:
    """A node that rules and carves stand under: what it asks of an account, everything under it asks as well."""

    name: str
    where: str
    under: str | None = None
    """The group it stands under itself."""
    catch_all: str | None = None
    """The territory of its accounts that nothing under it takes."""


@dataclass(frozen=True, kw_only=True)
class RuleLayer:
    """Accounts that meet a condition belong to one territory."""

    territory: str
    where: str
    person: str | None = None
    under: str | None = None
    """The group whose conditions hold for it as well."""
    catches_all: bool = False
    """Whether it stands for the catch-all of its group, and not in the file by itself."""

    @property
    def name(self) -> str:
        """What the layer is called in results."""
        return self.territory


@dataclass(frozen=True, kw_only=True)
class CarveLayer:
    """Accounts divided fairly between seats."""

    name: str
    where: str | None = None
    under: str | None = None
    """The group whose conditions hold for it as well."""
    people: str | None = None
    """A condition over the people file: who takes part. Without it, everyone in `segment` = name, else all."""
    seats: int | Literal["from people"] | Sizing | tuple[Sizing, ...] = "from people"
    """How many; of several sizings the one that needs most."""
    vacant: int = 0
    """Seats carved beyond the people there are (overcarve)."""
    by: str | None = None
    """A field whose equal values should stay together where they can (vertical, segment)."""
    similar: Mapping[str, float] = field(default_factory=dict)
    """Fields whose values should be alike within one territory, and what each counts; places do not count with it."""
    balance: tuple[str, ...] = ()
    """Names of measures; all of them when empty."""
    keep: Keep = field(default_factory=Keep)
    compact: bool = False
    contiguous: Contiguity | Touching | None = None
    """What a territory in one piece is judged on."""
    require: Mapping[str, str] = field(default_factory=dict)
    """Account field → person field: the person's list must hold the account's value (language, skill, product)."""
    mix: Mix | None = None
    together: str | None = None
    """A field: accounts with an equal value go to one seat."""
    apart: tuple[tuple[str, str], ...] = ()
    """Pairs of account ids that must not share a seat."""
    travel: float = 1.0
    """Weight of travel against the price of moving an account; 0 ignores places."""
    travel_by: str | None = None
    """Measure that weights a kilometre (visits, workload); every account counts once without it."""
    goal: Goal = "carve"
    fewest: str | None = None
    """With goal "rebalance", the measure of which as little as possible moves; accounts are counted without it."""
    match: Match | None = None
    """With it territories are drawn wherever they are best, and then matched to people."""

    @property
    def is_on_the_ground(self) -> bool:
        """Whether it divides accounts by where they are."""
        if self.similar:
            return False
        return self.contiguous is not None or (self.travel > 0 and (self.compact or self.by is None))

    @property
    def sizings(self) -> tuple[Sizing, ...]:
        """The measures its seats are sized by; none where there is a number, or a seat for everybody."""
        if isinstance(self.seats, Sizing):
            return (self.seats,)
        return self.seats if isinstance(self.seats, tuple) else ()


@dataclass(frozen=True, kw_only=True)
class HouseLayer:
    """Whatever no layer took; nobody's, and reported as such."""

    name: str = "House"


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """A file of values that rules refer to by a name: a list has one column, a look-up table several."""

    file: Path
    key: str | None = None
    """The column of the values, or of the keys; the first without it."""
    country: str | None = None
    """Where they are postal codes, of which country: zeros a spreadsheet dropped are put back."""


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """Something that must be true of a plan's rules and of what a carve makes of it: a policy, tested like code."""

    no: Table | None = None
    """No row of this table may meet `where`."""
    every: Table | None = None
    """Every row of this table, or every one that meets `where`, must meet `must`."""
    where: str | None = None
    must: str | None = None
    why: str | None = None
    """What the policy is for, for whoever reads that it is broken."""
    line: int | None = None

    @property
    def table(self) -> Table:
        """The table it looks at."""
        table = self.no or self.every
        assert table is not None, "a plan with neither is refused when it is read"
        return table


Layer = NamedLayer | RuleLayer | CarveLayer | HouseLayer


@dataclass(frozen=True, kw_only=True)
class Lock:
    """An account that must go to a seat, a person or a territory."""

    account_id: str
    seat: str
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a market is divided: measures, layers in order, locks. The first layer that takes an account wins."""

    name: str
    accounts: Path
    people: Path | None = None
    effective: date | None = None
    measures: tuple[PlanMeasure, ...] = ()
    groups: tuple[Group, ...] = ()
    """What layers may stand under."""
    layers: tuple[Layer, ...] = ()
    lists: Mapping[str, TableFile] = field(default_factory=dict)
    """Lists that conditions ask with `in_list`, by name."""
    tables: Mapping[str, TableFile] = field(default_factory=dict)
    """Look-up tables that conditions ask with `lookup`, by name."""
    areas: Mapping[str, Path] = field(default_factory=dict)
    """GeoJSON files that conditions ask with `within_area`, by name."""
    locks: tuple[Lock, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    """What must be true of its rules and of every carve of it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Standard field → column of the accounts file, where the suggestion is to be overruled."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Custom field → type name of accounts/fields.py."""
    join: tuple[Path, ...] = ()
    """CSV files with account_id whose columns are added to the accounts."""
    road_factor: float = 1.2
    """Road kilometres for each great-circle kilometre."""
    seed: int = 1
    seconds: float = 60.0
    """The longest each carve layer may take."""
    file: Path | None = None
    """Where the plan was read from; paths in it are relative to this file's folder."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Place in the plan (`layers[2].where`) → line of the file, for messages."""

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """The plan in a YAML file; see `plans/file.py`."""
        from patchbook.plans.file import load

        return load(path)

    def measure(self, name: str) -> PlanMeasure:
        """The measure of that name."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise BadPlan(
            f"No measure is called {name!r}; the plan has {', '.join(m.name for m in self.measures) or 'none'}."
        )

    def group(self, name: str) -> Group:
        """The group of that name."""
        for group in self.groups:
            if group.name == name:
                return group
        raise BadPlan(f"No group is called {name!r}; the plan has {', '.join(g.name for g in self.groups) or 'none'}.")

    def beside(self, path: Path) -> Path:
        """A path of the plan as seen from here: relative paths start in the plan file's folder."""
        return self.file.parent / path if self.file is not None else path

    def at(self, place: str) -> str:
        """Where a message points: `plan.yaml line 14 (layers[2].where)`."""
        shown = self.file.name if self.file else "the plan"
        line = self.lines.get(place)
        return f"{shown} line {line} ({place})" if line else f"{shown} ({place})"
