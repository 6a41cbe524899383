"""A year of territories on the command line, from an empty folder to a restored backup, every answer as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Told = Callable[..., Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request, patchbook_says, at_home, monkeypatch) -> Told:
    """Runs a command with --json on either engine and gives back what it printed."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        monkeypatch.setenv("PATCHBOOK_DATABASE_URL", server.new_database())

    def run(*arguments: object) -> Any:
        code, printed, complained = patchbook_says(*arguments, "--json")
        assert (code, complained) == (0, ""), arguments
        return json.loads(printed)

    return run


def test_a_year_of_territories(told, patchbook_says, market, tmp_path):
    admin = begin(told, market)
    plan_it(told, market)
    plan_together(told)
    publish_it(told, patchbook_says, tmp_path)
    change_people(told)
    take_it_back_and_keep_it(told, patchbook_says, tmp_path, admin)


def begin(told: Told, market: Path) -> str:
    """A record with accounts, people and deals, in which a manager and a rep have their roles."""
    admin = told("init", "--admin-name", "Ada", "--admin-email", "ada@example.com")["admin_id"]
    assert told("import", "accounts", market / "accounts.csv")["rows"] == 9
    assert told("import", "people", market / "people.csv", "--employed-from", "2026-01-01")["rows"] == 5
    deals = told("import", "opportunities", market / "opportunities.csv")
    assert (deals["rows"], deals["rejected"]) == (2, 0)
    assert {one["kind"] for one in told("import", "list")["rows"]} == {"accounts", "people", "opportunities"}
    assert len(told("people", "--limit", "3")["rows"]) == 3
    assert [one["role"] for one in told("user", "grant", "MIA", "manager")] == ["manager"]
    assert [one["role"] for one in told("user", "grant", "ANN", "rep")] == ["rep"]
    return str(admin)


def plan_it(told: Told, market: Path) -> None:
    """A plan, a scenario of it with every kind of edit, and both compared."""
    assert told("plan", "start", market / "grid.yaml")["status"] == "draft"
    assert told("plan", "carve", "Grid", "--seconds", "1")["plan"]["result_id"]
    shown = told("plan", "show", "Grid")
    assert {"North", "Middle", "South"} < {one["territory"] for one in shown["territories"]}

    assert told("plan", "clone", "Grid", "Grid B")["scenario_of"] == shown["plan_id"]
    edits: list[tuple[str, ...]] = [
        ("move", "Grid B", "A1", "--to", "Middle", "--why", "Same buyer"),
        ("lock", "Grid B", "A9"),
        ("unlock", "Grid B", "A9"),
        ("rename", "Grid B", "South", "Deep South"),
        ("add", "Grid B", "East", "--person", "DEE"),
        ("vacate", "Grid B", "Middle", "--interim", "MIA"),
        ("staff", "Grid B", "Middle", "BOB"),
        ("merge", "Grid B", "East", "--into", "North"),
        ("remove", "Grid B", "Deep South", "--to", "North"),
        ("split", "Grid B", "Middle", "--into", "2", "--overrule", "Two are hired"),
    ]
    for edit in edits:
        told("plan", "edit", *edit)
    field = next(one["territory"] for one in shown["territories"] if one["layer"] == "Field")
    assert len(told("plan", "edit", "split", "Grid B", field, "--dry-run")["edit"]["parts"]) == 1
    undone = told("plan", "undo", "Grid B")["revision"]
    assert told("plan", "redo", "Grid B")["revision"] == undone + 1
    assert len(told("plan", "journal", "Grid B")["rows"]) == len(edits)
    assert [one["name"] for one in told("plan", "compare", "Grid", "Grid B")["scenarios"]] == ["Grid", "Grid B"]
    difference = told("plan", "diff", "Grid", "Grid B")
    assert "South" in difference["territories_removed"]

    told("plan", "export", "Grid B", "--out", market / "b.yaml")
    assert told("plan", "take", market / "b.yaml", "--name", "Grid C")["name"] == "Grid C"
    told("plan", "carve", "Grid C", "--seconds", "1")
    told("plan", "withdraw", "Grid C")
    assert {one["status"] for one in told("plan", "list")["rows"]} == {"draft", "withdrawn"}


def plan_together(told: Told) -> None:
    """A proposal taken and one turned down, a challenge of each kind of answer, and every approval."""
    told("plan", "invite", "Grid", "MIA")
    effect = told("propose", "Grid", "A1", "--to", "Middle", "--preview")["effect"]
    assert effect["accounts"] == 1
    first = told("propose", "Grid", "A1", "--to", "Middle", "--why", "Same buyer")
    second = told("propose", "Grid", "A9", "--to", "Middle", "--why", "Closer")
    assert told("approve", first["proposal_id"])["status"] == "accepted"
    assert told("reject", second["proposal_id"], "--comment", "It is not")["status"] == "rejected"
    assert len(told("proposals", "Grid")["rows"]) == 2

    assert told("challenge", "open", "Grid", "--until", "2099-01-01")["open_to_challenges_until"]
    assert told("challenge", "book", "Grid", "--as", "ANN")["rows"]
    mine = told("challenge", "file", "Grid", "A1", "--ask", "add", "--reason", "relationship", "--as", "ANN")
    assert told("challenge", "reject", mine["challenge_id"], "--outcome", "Bob knows them")["status"] == "rejected"
    again = told(
        *("challenge", "file", "Grid", "A1", "--ask", "add", "--reason", "relationship"),
        *("--note", "We met", "--wanted", "North", "--as", "ANN"),
    )
    told("challenge", "accept", again["challenge_id"], "--to", "North")
    assert [one["status"] for one in told("challenge", "list", "Grid")["rows"]] != ["open", "open"]

    assert told("plan", "submit", "Grid")["status"] == "in review"
    asked = [step["approver_id"] for step in told("plan", "review", "Grid")["steps"]]
    assert asked == ["MIA", None]
    told("approve", "Grid", "--as", "MIA")
    assert told("approve", "Grid", "--comment", "Go")["plan"]["status"] == "approved"


def publish_it(told: Told, patchbook_says: Callable[..., tuple[int, str, str]], folder: Path) -> None:
    """Published once, whatever is asked again, and every question answered."""
    seen = told("publish", "Grid", "--dry-run", "--out", folder / "changes.csv")
    assert len(seen["changes"]) == 9
    assert (folder / "changes.csv").read_text().count("\n") == 10
    assert told("publish", "Grid", "--keep-deals", "30")["is_new"] is True
    assert told("publish", "Grid", "--keep-deals", "30")["is_new"] is False

    answer = told("owner", "A1")
    assert (answer["person_id"], answer["territory"]) == ("ANN", "North")
    assert told("why", "A1", "--on", "2026-03-01")["chain"]
    assert told("owner", "O1", "--opportunity", "--on", "2026-02-02")["account_id"] == "A1"
    assert "A1" in [row["account_id"] for row in told("book", "ANN")["rows"]]
    assert [row["person_id"] for row in told("history", "A1")["rows"]] == ["ANN"]
    assert [(one["person_id"], one["percent"]) for one in told("credit", "A1")] == [("ANN", 100.0)]
    assert told("credit", "--opportunity", "O1")[0]["person_id"] == "ANN"
    code, _, complained = patchbook_says("owner", "A1", "--on", "2025-01-01")
    assert (code, complained.count("\n")) == (2, 1)

    asked = told(
        *("exception", "request", "A1", "DEE", "--reason", "A group of theirs", "--kind", "strategic"),
        *("--from", "2098-01-01", "--until", "2098-06-01"),
    )
    told("exception", "approve", asked["exception_id"])
    assert told("owner", "A1", "--on", "2098-02-01")["person_id"] == "DEE"
    told("exception", "end", asked["exception_id"], "--why", "No longer", "--on", "2098-03-01")
    refused = told(
        *("exception", "request", "A5", "DEE", "--reason", "Please", "--from", "2098-01-01", "--until", "2098-06-01"),
    )
    told("exception", "reject", refused["exception_id"], "--comment", "No")
    assert len(told("exception", "list")["rows"]) == 2


def change_people(told: Told) -> None:
    """Somebody is away, somebody goes, somebody comes; nothing is uncovered on the way."""
    away = told("leave", "BOB", "--cover", "CYD", "--from", "2097-01-01", "--until", "2097-02-01")
    assert away["uncovered"] == 0
    assert told("owner", "A5", "--on", "2097-01-15")["acting_id"] == "CYD"
    told("leave", "BOB", "--back", "2097-01-10")
    assert told("owner", "A5", "--on", "2097-01-15")["acting_id"] is None

    assert told("depart", "ANN", "--on", "2099-01-01", "--interim", "MIA", "--preview")["is_preview"] is True
    gone = told("depart", "ANN", "--on", "2099-01-01", "--interim", "MIA")
    assert gone["uncovered"] == 0
    assert told("owner", "A1", "--on", "2099-02-01")["person_id"] == "MIA"
    assert told("hire", "DEE", "North", "--on", "2099-03-01")["uncovered"] == 0
    assert told("owner", "A1", "--on", "2099-04-01")["person_id"] == "DEE"
    assert told("depart", "CYD", "--on", "2099-04-15", "--interim", "MIA")["uncovered"] == 0
    moved = told(*("transfer", "DEE", "--from", "North", "--to", "South", "--on", "2099-05-01", "--interim", "MIA"))
    assert moved["uncovered"] == 0
    assert told("owner", "A9", "--on", "2099-06-01")["person_id"] == "DEE"
    assert told("promote", "BOB", "manager", "--on", "2099-05-01", "--preview")["is_preview"] is True
    tree = told("territories")["territories"]
    named = next(node for node in tree if node["territory"]["name"] == "North")
    assert told("reorganise", "North", "--below", named["path"][0], "--on", "2099-05-01", "--preview")["is_preview"]
    assert told("territories", "North", "--on", "2099-04-01")["seats"][0]["filler"]["person_id"] == "DEE"


def take_it_back_and_keep_it(
    told: Told, patchbook_says: Callable[..., tuple[int, str, str]], folder: Path, admin: str
) -> None:
    """What people changed stays when the plan is taken back; a backup answers as the record did."""
    back = told("rollback", "Grid")
    assert {one["key"] for one in back["changed_since"]}
    verified = told("audit", "verify")
    assert verified["is_whole"] is True
    assert len(told("audit", "trail", "--limit", "5")["rows"]) == 5
    told("backup", folder / "kept.patchbook", "--with-key")
    before = told("owner", "A1", "--on", "2098-02-01")

    code, printed, complained = restored(patchbook_says, folder, admin)

    assert (code, complained) == (0, "")
    assert json.loads(printed)["chain"] == before["chain"]


def restored(patchbook_says: Callable[..., tuple[int, str, str]], folder: Path, admin: str) -> tuple[int, str, str]:
    """What the backup answers, restored into a SQLite file whatever it came from."""
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.delenv("PATCHBOOK_DATABASE_URL", raising=False)
        elsewhere.setenv("PATCHBOOK_DATA", str(folder / "restored"))
        assert patchbook_says("restore", folder / "kept.patchbook", "--as", admin)[0] == 0
        assert patchbook_says("audit", "verify")[0] == 0
        return patchbook_says("owner", "A1", "--on", "2098-02-01", "--json")
