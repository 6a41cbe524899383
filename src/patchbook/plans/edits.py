"""What can be changed in a carved draft, one dataclass an edit. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, get_type_hints

from patchbook.errors import BadInput
from patchbook.words import counted

MOST_ACCOUNTS = 100_000
"""How many accounts one edit may name."""

LONGEST_TEXT = 2_000


class BadEdit(BadInput):
    """An edit is of no known kind, or lacks or misspells a part."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """Give accounts to another territory."""

    accounts: tuple[str, ...]
    to: str


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Keep accounts where they are, through moves and the next carve."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unlock:
    """Let accounts be moved again."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rename:
    """Call a territory something else."""

    territory: str
    to: str


@dataclass(frozen=True, kw_only=True)
class Add:
    """A new territory without accounts, vacant unless it names a person."""

    territory: str
    layer: str | None = None
    """The layer it hangs under; at the top without one."""
    person: str | None = None


@dataclass(frozen=True, kw_only=True)
class Remove:
    """Take a territory away; its accounts go to another."""

    territory: str
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Make one territory of several; its target is the sum of theirs."""

    territories: tuple[str, ...]
    into: str


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Put a person on the seat of a territory."""

    territory: str
    person: str


@dataclass(frozen=True, kw_only=True)
class Vacate:
    """Leave the seat of a territory open, with somebody to look after it meanwhile where one is named."""

    territory: str
    interim: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one new territory of a split takes."""

    territory: str
    accounts: Mapping[str, tuple[str, ...]]
    """Why, in plain words → the accounts it is the reason of."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Cut a territory into several with equal targets: it keeps what no part takes, each part is new and vacant."""

    territory: str
    parts: tuple[Part, ...]


Edit = Move | Lock | Unlock | Rename | Add | Remove | Merge | Staff | Vacate | Split

KINDS: Mapping[str, type[Edit]] = {
    "move": Move,
    "lock": Lock,
    "unlock": Unlock,
    "rename": Rename,
    "add": Add,
    "remove": Remove,
    "merge": Merge,
    "staff": Staff,
    "vacant": Vacate,
    "split": Split,
}
"""What an edit is called in the journal, the API and the exported plan."""


def kind_of(edit: Edit) -> str:
    """
    What the journal calls an edit.

    Examples
    --------
    >>> kind_of(Move(accounts=("A1",), to="West"))
    'move'
    """
    return next(kind for kind, made in KINDS.items() if isinstance(edit, made))


def payload_of(edit: Edit) -> dict[str, Any]:
    """The parts of an edit for JSON, without those that are not said."""
    told = asdict(edit)
    return {name: _plain(part) for name, part in told.items() if part is not None}


def _plain(part: Any) -> Any:
    if isinstance(part, tuple | list):
        return [_plain(one) for one in part]
    return {name: _plain(one) for name, one in part.items()} if isinstance(part, Mapping) else part


def said_of(edits: Sequence[Edit]) -> str:
    """An edit in a few words, for those who come with an older revision."""
    if len(edits) > 1:
        return f"made {len(edits)} edits"
    (one,) = edits
    if isinstance(one, Move):
        count = len(one.accounts)
        return f"moved {one.accounts[0] if count == 1 else f'{count:,} accounts'} to {one.to!r}"
    if isinstance(one, Split):
        return f"split {one.territory!r} in {len(one.parts) + 1}"
    told = payload_of(one)
    about = told.get("territory") or told.get("into") or counted(len(told.get("accounts", ())), "account")
    words = {
        "lock": "locked", "unlock": "unlocked", "rename": "renamed", "add": "added", "remove": "took away",
        "merge": "merged territories into", "staff": "staffed", "vacant": "left vacant",
    }  # fmt: skip
    return f"{words[kind_of(one)]} {about if 'accounts' in told else repr(about)}"


def of(kind: str, payload: Mapping[str, Any]) -> Edit:
    """
    The edit of this kind with these parts.

    Examples
    --------
    >>> of("rename", {"territory": "Field 1", "to": "North-West"})
    Rename(territory='Field 1', to='North-West')

    Raises
    ------
    BadEdit
        The kind is unknown, or a part is missing, misspelt or of the wrong type.
    """
    made = KINDS.get(kind)
    if made is None:
        raise BadEdit(f"There is no edit {kind!r}; there are {', '.join(KINDS)}.")
    hints = get_type_hints(made)
    known = {field.name: field for field in fields(made)}
    for name in payload:
        if name not in known:
            raise BadEdit(f"The edit {kind} has no part {name!r}; it has {', '.join(known)}.")
    parts: dict[str, Any] = {}
    for name in known:
        read = _READERS.get(hints[name], _text)
        optional = read is _text and hints[name] is not str
        if payload.get(name) is None:
            if not optional:
                raise BadEdit(f"The edit {kind} needs {name}.")
            continue
        parts[name] = read(kind, name, payload[name])
    return made(**parts)


def _parts(kind: str, name: str, given: object) -> tuple[Part, ...]:
    """The new territories of a split; no account is in two of them."""
    if not isinstance(given, list | tuple) or not given:
        raise BadEdit(f"{name} of the edit {kind} is a list of at least one new territory.")
    found = []
    for one in given:
        if not isinstance(one, Mapping) or set(one) != {"territory", "accounts"}:
            raise BadEdit(f"Each of {name} of the edit {kind} has a territory and accounts, and nothing else.")
        reasons = one["accounts"]
        if not isinstance(reasons, Mapping) or not reasons:
            raise BadEdit(f"accounts of {name} of the edit {kind} are reasons, each with the list of its accounts.")
        accounts = {
            _text(kind, "a reason", why): _names(kind, "accounts", accounts) for why, accounts in reasons.items()
        }
        found.append(Part(territory=_text(kind, "territory", one["territory"]), accounts=accounts))
    counts = Counter(account for part in found for accounts in part.accounts.values() for account in accounts)
    for account, count in counts.items():
        if count > 1:
            raise BadEdit(f"{account!r} is in {name} of the edit {kind} more than once; an account goes to one part.")
    return tuple(found)


def _names(kind: str, name: str, given: object) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, list | tuple) or not given:
        raise BadEdit(f"{name} of the edit {kind} is a list of at least one id or name.")
    if len(given) > MOST_ACCOUNTS:
        raise BadEdit(
            f"{name} of the edit {kind} has {len(given):,} entries; one edit takes at most {MOST_ACCOUNTS:,}."
        )
    return tuple(dict.fromkeys(_text(kind, name, one) for one in given))


def _text(kind: str, name: str, given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise BadEdit(f"{name} of the edit {kind} is {given!r}; it must be text that is not empty.")
    if len(given) > LONGEST_TEXT or not given.isprintable():
        raise BadEdit(
            f"{name} of the edit {kind} has a character that cannot be shown, or more than {LONGEST_TEXT:,} of them."
        )
    return given.strip()


_READERS: Mapping[Any, Callable[[str, str, object], Any]] = {tuple[str, ...]: _names, tuple[Part, ...]: _parts}
"""How a part of an edit is read that is no single text, by its type."""
