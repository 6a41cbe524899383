"""A plan as it changes, told to everybody who has it open."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, insert

from builders.plans import ADA, ANN, MONDAY, TUESDAY, a_carved_plan, a_market
from builders.serving import served
from patchbook import access
from patchbook.access.store import role_held
from patchbook.plans import actions as plans
from patchbook.plans import store
from patchbook.plans.edits import Add, Move


@pytest.fixture
def market(sqlite_record):
    a_market(sqlite_record)
    with sqlite_record.writing() as tx:
        rows = [
            {"held_id": f"role-{who}", "person_id": who, "role": "planner", "source": "", "by": "system", "at": MONDAY}
            for who in ("ada", "pia")
        ]
        tx.execute(insert(role_held), rows)
    return sqlite_record


@pytest.fixture
def carved(market):
    return a_carved_plan(market)


@contextmanager
def listening(url, record, plan, who, **headers) -> Iterator[Iterator[tuple[str, object]]]:
    """What somebody who has the plan open is told, kind and content."""
    with record.writing() as tx:
        begun = access.begin(tx, who, how="test", at=TUESDAY)
    asked = urllib.request.Request(
        f"{url}/plans/{plan.plan_id}/events", headers={"Cookie": f"patchbook-session={begun.secret}", **headers}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield told(answer)


def told(answer) -> Iterator[tuple[str, object]]:
    kind = ""
    for line in answer:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


def change(record, plan, edit, by=ADA):
    with record.writing() as tx:
        return plans.edit(tx, plan.plan_id, edit, revision=None, overrule="for the test", by=by, at=TUESDAY)


def test_two_who_have_a_plan_open_are_told_of_a_move_with_who_made_it_and_what_moved(market, carved):
    with market.reading() as tx:
        state = plans.state(tx, carved.plan_id, by=ADA, at=TUESDAY)
    accounts = sorted(state.assignments["account_id"])
    names = state.territories["territory"].to_list()
    with (
        served(market, TUESDAY) as url,
        listening(url, market, carved, "ada") as one,
        listening(url, market, carved, "pia") as other,
    ):
        assert next(one) == next(other) == ("here", carved.revision)
        account = state.assignments.filter(state.assignments["territory"] != names[1])["account_id"][0]
        change(market, carved, Move(accounts=(account,), to=names[1]))

        kind, news = next(one)

        assert (kind, news) == next(other)
        assert (kind, news["revision"]) == ("revision", carved.revision + 1)
        assert (news["by"], news["name"]) == ("ada", "Ada Plan")
        assert news["what"] == f"moved {account} to {names[1]!r}"
        assert news["moved"] == {"1": [accounts.index(account)]}

        change(market, carved, Add(territory="New"))
        assert next(one)[1]["moved"] is None


def test_who_comes_back_is_told_what_they_missed(market, carved):
    change(market, carved, Add(territory="One"))
    change(market, carved, Add(territory="Two"))
    headers = {"Last-Event-ID": str(carved.revision)}
    with served(market, TUESDAY) as url, listening(url, market, carved, "pia", **headers) as heard:
        assert [next(heard)[1]["what"] for _ in range(2)] == ["added 'One'", "added 'Two'"]


def test_a_stream_ends_when_the_one_who_listens_may_no_longer_look(market, carved, monkeypatch):
    from datetime import timedelta

    from patchbook.web.pages.workbench import following

    monkeypatch.setattr(following, "ASKED_AGAIN_EVERY", timedelta(milliseconds=200))
    with served(market, TUESDAY) as url, listening(url, market, carved, "pia") as heard:
        assert next(heard)[0] == "here"
        with market.writing() as tx:
            tx.execute(delete(role_held).where(role_held.c.person_id == "pia"))

        kind, why = next(heard)
        assert kind == "ended"
        assert "may" in why
        assert list(heard) == []


def test_the_server_stops_while_somebody_listens(market, carved):
    with served(market, TUESDAY) as url:
        heard = listening(url, market, carved, "pia")
        assert next(heard.__enter__())[0] == "here"
    assert not [thread for thread in threading.enumerate() if thread.name == "never"]


def test_who_may_not_see_a_plan_is_told_there_is_none(market, carved):
    with market.writing() as tx:
        tx.execute(insert(role_held), [{"held_id": "role-mia", "person_id": "mia", "role": "manager", "source": "",
                                        "by": "system", "at": MONDAY}])  # fmt: skip
    with (
        served(market, TUESDAY) as url,
        pytest.raises(urllib.error.HTTPError, match="404"),
        listening(url, market, carved, "mia"),
    ):
        pass
    assert ANN.person_id == "ann"
    with market.reading() as tx:
        assert store.get(tx, carved.plan_id).revision == carved.revision
