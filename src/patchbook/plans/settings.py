"""Every setting a plan file knows. The reader takes what is listed here, and the reference page shows the same list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Where = Literal[
    "a plan",
    "a measure",
    "a group",
    "a list or table",
    "a named layer",
    "a rule",
    "a carve",
    "keep",
    "seats",
    "mix",
    "match",
    "house",
    "a lock",
    "an assertion",
]


Kind = Literal[
    "text",
    "path",
    "list of paths",
    "date",
    "number",
    "positive number",
    "whole number",
    "share",
    "yes or no",
    "choice",
    "field",
    "condition",
    "expression",
    "measure",
    "list of measures",
    "fields to names",
    "measures",
    "groups",
    "lists or tables",
    "names to paths",
    "layers",
    "locks",
    "assertions",
    "seats",
    "keep",
    "mix",
    "match",
    "pairs of accounts",
]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One key of a plan file."""

    name: str
    where: Where
    kind: Kind
    help: str
    """One sentence for a planner."""
    default: str = ""
    """What holds without it, as the reference shows it."""
    required: bool = False
    choices: tuple[str, ...] = ()
    attribute: str = ""
    """The attribute of the plan model, where it is called otherwise."""


LAYERS: tuple[str, ...] = ("named", "rule", "carve", "house")
"""The kinds of layer; an item of `layers` has exactly one of them as its key."""

SETTINGS: tuple[Setting, ...] = (
    Setting(name="plan", where="a plan", kind="text", required=True, attribute="name", help="What the plan is called."),
    Setting(
        name="accounts",
        where="a plan",
        kind="path",
        required=True,
        help="The accounts file: CSV, XLSX, Parquet or JSON lines, from this file's folder.",
    ),
    Setting(name="people", where="a plan", kind="path", default="nobody", help="The file of people who fill seats."),
    Setting(name="effective", where="a plan", kind="date", default="no date", help="The day the plan takes effect."),
    Setting(
        name="measures", where="a plan", kind="measures", default="none", help="Measure name → what is to be balanced."
    ),
    Setting(
        name="groups",
        where="a plan",
        kind="groups",
        default="none",
        help="Group name → what it asks of an account; rules and carves `under` it ask that as well.",
    ),
    Setting(
        name="layers",
        where="a plan",
        kind="layers",
        required=True,
        help="Who takes which accounts, in order: the first layer that takes an account wins.",
    ),
    Setting(
        name="lists",
        where="a plan",
        kind="lists or tables",
        default="none",
        help="Name → file of values that conditions ask for with `in_list`.",
    ),
    Setting(
        name="tables",
        where="a plan",
        kind="lists or tables",
        default="none",
        help="Name → file of keys and what they stand for, which conditions ask with `lookup`.",
    ),
    Setting(
        name="areas",
        where="a plan",
        kind="names to paths",
        default="none",
        help="Name → GeoJSON file of polygons, which conditions ask with `within_area`.",
    ),
    Setting(
        name="locks",
        where="a plan",
        kind="locks",
        default="none",
        help="Accounts that must go to a seat, person or territory: a list, or a CSV of account_id and seat.",
    ),
    Setting(
        name="assert",
        where="a plan",
        kind="assertions",
        default="nothing",
        attribute="assertions",
        help="What must be true of the rules and of every carve; where it is not, both commands exit with 1.",
    ),
    Setting(
        name="columns",
        where="a plan",
        kind="fields to names",
        default="as suggested",
        help="Standard field → column of the accounts file, where the suggestion is to be overruled.",
    ),
    Setting(
        name="types",
        where="a plan",
        kind="fields to names",
        default="as read",
        choices=("text", "number", "count", "money", "percentage", "date", "boolean", "list"),
        help="Field of your own → its type.",
    ),
    Setting(
        name="join",
        where="a plan",
        kind="list of paths",
        default="none",
        help="Files with account_id whose columns are added to the accounts.",
    ),
    Setting(
        name="road_factor",
        where="a plan",
        kind="positive number",
        default="1.2",
        help="Road kilometres for each kilometre as the crow flies.",
    ),
    Setting(name="seed", where="a plan", kind="whole number", default="1", help="The same seed repeats a carve."),
    Setting(
        name="seconds",
        where="a plan",
        kind="positive number",
        default="60",
        help="The longest each carve layer may take.",
    ),
    Setting(
        name="from",
        where="a measure",
        kind="expression",
        required=True,
        attribute="source",
        help="A number of each account: a column, or arithmetic over columns.",
    ),
    Setting(
        name="transform",
        where="a measure",
        kind="choice",
        choices=("none", "sqrt", "log"),
        default="none",
        help="How a heavy tail is tamed before balancing.",
    ),
    Setting(
        name="cap",
        where="a measure",
        kind="positive number",
        default="no cap",
        help="Values above it count as this much, before the transform.",
    ),
    Setting(
        name="tolerance",
        where="a measure",
        kind="share",
        default="5%",
        help="How far a territory may be from its share, up or down; 0% is allowed but seldom possible.",
    ),
    Setting(
        name="file",
        where="a named layer",
        kind="path",
        required=True,
        help="CSV of account_id, territory and, where wanted, person_id.",
    ),
    Setting(name="name", where="a named layer", kind="text", default="Named", help="What results call the layer."),
    Setting(
        name="territory", where="a rule", kind="text", required=True, help="The territory that takes the accounts."
    ),
    Setting(name="where", where="a rule", kind="condition", required=True, help="Which accounts it takes."),
    Setting(name="person", where="a rule", kind="text", default="nobody", help="The person_id of who has the seat."),
    Setting(
        name="under", where="a rule", kind="text", default="no group", help="The group whose conditions it inherits."
    ),
    Setting(name="name", where="a carve", kind="text", required=True, help="What results call the layer."),
    Setting(
        name="where", where="a carve", kind="condition", default="all that are left", help="Which accounts it divides."
    ),
    Setting(
        name="under", where="a carve", kind="text", default="no group", help="The group whose conditions it inherits."
    ),
    Setting(
        name="people",
        where="a carve",
        kind="condition",
        default="segment = name, else all",
        help="Who takes part: a condition over the people file.",
    ),
    Setting(
        name="seats",
        where="a carve",
        kind="seats",
        default="from people",
        help="How many seats: `from people`, a number, or a sizing by a measure.",
    ),
    Setting(
        name="vacant",
        where="a carve",
        kind="whole number",
        default="0",
        help="Seats carved beyond the people there are, to be hired.",
    ),
    Setting(
        name="by",
        where="a carve",
        kind="field",
        default="none",
        help="A field whose equal values should stay together where they can.",
    ),
    Setting(
        name="balance", where="a carve", kind="list of measures", default="all", help="The measures that must balance."
    ),
    Setting(name="keep", where="a carve", kind="keep", default="as below", help="What the carve leaves as it is."),
    Setting(
        name="compact",
        where="a carve",
        kind="yes or no",
        default="no",
        help="Whether territories should be close together even where travel counts little.",
    ),
    Setting(
        name="contiguous",
        where="a carve",
        kind="choice",
        choices=("counties", "neighbours"),
        default="no",
        help="Territories in one piece: over US counties, or over neighbouring accounts anywhere.",
    ),
    Setting(
        name="require",
        where="a carve",
        kind="fields to names",
        default="none",
        help="Account field → person field: the person's list must hold the account's value.",
    ),
    Setting(name="mix", where="a carve", kind="mix", default="none", help="A share of each value for every territory."),
    Setting(
        name="together",
        where="a carve",
        kind="field",
        default="none",
        help="A field: accounts with an equal value go to one seat.",
    ),
    Setting(
        name="apart",
        where="a carve",
        kind="pairs of accounts",
        default="none",
        help="Lists of account ids that must not share a seat.",
    ),
    Setting(
        name="travel",
        where="a carve",
        kind="number",
        default="1",
        help="Weight of travel against the price of moving an account; 0 ignores places.",
    ),
    Setting(
        name="travel_by",
        where="a carve",
        kind="measure",
        default="every account once",
        help="The measure that weights a kilometre, such as visits.",
    ),
    Setting(
        name="goal",
        where="a carve",
        kind="choice",
        choices=("carve", "rebalance"),
        default="carve",
        help="Draw anew, or move as little as possible from today.",
    ),
    Setting(
        name="match",
        where="a carve",
        kind="match",
        default="around homes",
        help="Draw territories wherever they are best, then match people to them by these weights.",
    ),
    Setting(
        name="families",
        where="keep",
        kind="yes or no",
        default="yes",
        help="Accounts under one ultimate parent stay together.",
    ),
    Setting(
        name="owners",
        where="keep",
        kind="choice",
        choices=("prefer", "ignore"),
        default="prefer",
        help="Whether staying with today's owner counts.",
    ),
    Setting(
        name="moved_at_most",
        where="keep",
        kind="share",
        default="no limit",
        help="The largest share of accounts with an owner today that may change owner.",
    ),
    Setting(
        name="protect",
        where="keep",
        kind="condition",
        default="none",
        help="Accounts that meet it stay with today's owner.",
    ),
    Setting(
        name="from", where="seats", kind="measure", required=True, attribute="measure", help="The measure to size by."
    ),
    Setting(
        name="capacity",
        where="seats",
        kind="positive number",
        required=True,
        help="What one full-time seat can carry, in the measure's unit.",
    ),
    Setting(name="field", where="mix", kind="field", required=True, help="The field to spread, such as tier."),
    Setting(
        name="tolerance",
        where="mix",
        kind="share",
        default="20%",
        help="How far a territory's part of a value may be from its share.",
    ),
    Setting(
        name="home",
        where="match",
        kind="number",
        default="1",
        help="What a kilometre from the person's home to an account counts.",
    ),
    Setting(
        name="incumbency",
        where="match",
        kind="number",
        default="1",
        help="What it counts to give an account to another than today's owner; at 1 as much as 60 km, by its value.",
    ),
    Setting(
        name="relationships",
        where="match",
        kind="number",
        default="1",
        help="The same for an open opportunity or a contact; at 1 as much as 120 km.",
    ),
    Setting(
        name="affinity",
        where="match",
        kind="number",
        default="1",
        help="What an account counts whose `by` is not among the person's skills; at 1 as much as 200 km.",
    ),
    Setting(
        name="ramp",
        where="match",
        kind="number",
        default="1",
        help="What it counts to give a rich territory to somebody new to the job; at 1 at most 200 km an account.",
    ),
    Setting(
        name="contacts",
        where="match",
        kind="field",
        default="none",
        help="A field of the accounts that names who knows them.",
    ),
    Setting(name="name", where="house", kind="text", default="House", help="What results call what nobody took."),
    Setting(
        name="account", where="a lock", kind="text", required=True, attribute="account_id", help="The account's id."
    ),
    Setting(name="seat", where="a lock", kind="text", required=True, help="The seat, person_id or territory."),
    Setting(
        name="no",
        where="an assertion",
        kind="choice",
        choices=("accounts", "territories", "people"),
        default="every",
        help="The table of which no row may meet `where`.",
    ),
    Setting(
        name="every",
        where="an assertion",
        kind="choice",
        choices=("accounts", "territories", "people"),
        default="no",
        help="The table of which every row must meet `must`.",
    ),
    Setting(
        name="where",
        where="an assertion",
        kind="condition",
        default="all rows",
        help="Which rows may not be there with `no`, or are looked at with `every`.",
    ),
    Setting(name="must", where="an assertion", kind="condition", default="nothing", help="What every row has to meet."),
    Setting(
        name="why",
        where="an assertion",
        kind="text",
        default="unsaid",
        help="What the policy is for; it is told with what breaks it.",
    ),
    Setting(name="where", where="a group", kind="condition", required=True, help="Which accounts are of the group."),
    Setting(name="under", where="a group", kind="text", default="no group", help="The group it stands under itself."),
    Setting(
        name="catch_all",
        where="a group",
        kind="text",
        default="none",
        help="The territory of the group's accounts that nothing under it takes.",
    ),
    Setting(
        name="file",
        where="a list or table",
        kind="path",
        required=True,
        help="CSV, XLSX or Parquet with a header, or for a list a .txt of one value a line.",
    ),
    Setting(
        name="key",
        where="a list or table",
        kind="text",
        default="the first column",
        help="The column of a list's values, or of a table's keys.",
    ),
    Setting(
        name="country",
        where="a list or table",
        kind="text",
        default="as written",
        help="Two-letter code, where they are postal codes: zeros a spreadsheet dropped are put back.",
    ),
)


def settings_of(where: Where) -> dict[str, Setting]:
    """The settings of one part of a plan, by name."""
    return {setting.name: setting for setting in SETTINGS if setting.where == where}
