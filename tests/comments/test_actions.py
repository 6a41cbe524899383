"""Whoever sees a thing sees what was said of it, and may say something; nobody else learns that it is there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from builders.together import (
    ADA,
    ANN,
    CEM,
    FIN,
    MAX,
    MIA,
    MONDAY,
    PIA,
    TUESDAY,
    ZOE,
    a_grid_plan,
    invite,
    the_teams,
    the_territories,
)  # fmt: skip
from patchbook.audit.store import event
from patchbook.challenges import actions as challenges
from patchbook.comments import actions as comments
from patchbook.comments import store
from patchbook.comments.comment import BadComment, NoComment, NotYours
from patchbook.errors import NotAllowed, NotFound
from patchbook.exceptions import actions as exceptions
from patchbook.period import instant
from patchbook.proposals import actions as proposals

PLAN = "plan-grid"


def everything(tx) -> dict[str, str]:
    """Something of each kind → its id: all in the West, which is ann's, below mia."""
    the_teams(tx)
    the_territories(tx)
    a_grid_plan(tx, confidential=True)
    invite(tx, PLAN, "mia")
    proposed = proposals.propose(tx, PLAN, {"A4": "Middle"}, "Balance.", by=MIA, at=MONDAY)
    challenges.open_window(tx, PLAN, by=ADA, at=MONDAY)
    filed = challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY)
    asked = exceptions.request(
        tx, "A1", "bo", kind="other", reason="Once.", starts=instant("2027-02-01"), expires=instant("2027-03-01"),
        by=MIA, at=MONDAY,
    )  # fmt: skip
    return {
        "plan": PLAN,
        "territory": "west",
        "account": "A1",
        "proposal": proposed.proposal_id,
        "challenge": filed.challenge_id,
        "exception": asked.exception_id,
    }


def test_everything_can_be_commented_on_by_who_sees_it_and_by_nobody_else(record):
    with record.writing() as tx:
        for kind, subject in everything(tx).items():
            said = comments.comment(tx, kind, subject, f"About the {kind}.", by=MIA, at=MONDAY)
            listed = comments.comments(tx, kind, subject, by=MIA, at=MONDAY)

            assert listed.rows == (said,)
            if kind == "plan":  # open to challenges, so everybody knows that it is there
                continue
            with pytest.raises(NotFound) as hidden:
                comments.comments(tx, kind, subject, by=MAX, at=MONDAY)
            with pytest.raises(NotFound) as missing:
                comments.comment(tx, kind, "nothing-0", "Hm.", by=MAX, at=MONDAY)
            assert str(hidden.value) == str(missing.value).replace("nothing-0", subject)


def test_a_confidential_draft_is_not_there_for_who_was_not_invited(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx, confidential=True)
        comments.comment(tx, "plan", PLAN, "Not yet.", by=ADA, at=MONDAY)

        for stranger in (PIA, MIA, ANN, FIN):
            with pytest.raises(NotFound, match=r"^There is no plan 'plan-grid'\.$"):
                comments.comments(tx, "plan", PLAN, by=stranger, at=MONDAY)


def test_a_rep_talks_with_their_manager_about_a_challenge(record):
    with record.writing() as tx:
        filed = everything(tx)["challenge"]

        comments.comment(tx, "challenge", filed, "How long have you known them?", by=MIA, at=MONDAY)
        comments.comment(tx, "challenge", filed, "Ten years.", by=ANN, at=TUESDAY)

        said = [(one.by, one.text) for one in comments.comments(tx, "challenge", filed, by=ANN, at=TUESDAY).rows]
        assert said == [("mia", "How long have you known them?"), ("ann", "Ten years.")]


def test_comments_are_paged_oldest_first(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        for number in range(5):
            comments.comment(tx, "plan", PLAN, f"{number}", by=ADA, at=MONDAY if number < 3 else TUESDAY)

        first = comments.comments(tx, "plan", PLAN, limit=3, by=ADA, at=TUESDAY)
        rest = comments.comments(tx, "plan", PLAN, limit=3, after=first.next_cursor, by=ADA, at=TUESDAY)

        assert {one.text for one in first.rows} == {"0", "1", "2"}
        assert {one.text for one in rest.rows} == {"3", "4"}
        assert rest.next_cursor is None


def test_a_comment_is_withdrawn_by_who_wrote_it_and_what_it_said_is_gone(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        invite(tx, PLAN, "mia")
        said = comments.comment(tx, "plan", PLAN, "Ann is too slow.", by=ADA, at=MONDAY)

        with pytest.raises(NotYours, match=r"^The comment is by ada; who wrote it can withdraw it\.$"):
            comments.withdraw(tx, said.comment_id, by=MIA, at=TUESDAY)
        gone = comments.withdraw(tx, said.comment_id, by=ADA, at=TUESDAY)

        assert (gone.text, gone.withdrawn_at) == ("", TUESDAY)
        assert comments.comments(tx, "plan", PLAN, by=MIA, at=TUESDAY).rows == (gone,)
        assert comments.withdraw(tx, said.comment_id, by=ADA, at=TUESDAY) == gone


def test_a_comment_on_what_one_may_not_see_is_not_there(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        said = comments.comment(tx, "plan", PLAN, "Secret.", by=ADA, at=MONDAY)

        for comment_id in (said.comment_id, "comment-0"):
            with pytest.raises(NoComment, match=rf"^There is no comment '{comment_id}'\.$"):
                comments.withdraw(tx, comment_id, by=ZOE, at=TUESDAY)


def test_what_was_said_stays_out_of_the_audit_trail(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        comments.comment(tx, "plan", PLAN, "Call Ann on 555-0100.", by=ADA, at=MONDAY)

        for row in tx.execute(select(event)):
            assert "555-0100" not in repr(row)


def test_who_is_erased_leaves_empty_comments(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        comments.comment(tx, "plan", PLAN, "I am Ada, of 5 Elm Street.", by=ADA, at=MONDAY)
        comments.comment(tx, "plan", PLAN, "Noted.", by=PIA, at=MONDAY)

        assert store.blot_out(tx, "ada", at=TUESDAY) == 1
        assert {one.text for one in comments.comments(tx, "plan", PLAN, by=PIA, at=TUESDAY).rows} == {"", "Noted."}


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("plan", " ", "A comment says something; this one is empty."),
        ("plan", "x" * 10_001, "The comment has 10,001 characters; at most 10,000 are kept."),
        ("weather", "Nice.", "'weather' cannot be commented on; there are plan, territory, account, proposal,"
                             " challenge, exception."),
    ],
)  # fmt: skip
def test_bad_comments_are_refused_in_one_sentence(sqlite_record, kind, text, sentence):
    with sqlite_record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)

        with pytest.raises(BadComment) as refused:
            comments.comment(tx, kind, PLAN, text, by=ADA, at=MONDAY)

        assert str(refused.value) == sentence


def test_finance_reads_but_does_not_comment(sqlite_record):
    with sqlite_record.writing() as tx:
        the_teams(tx)
        the_territories(tx)

        assert comments.comments(tx, "territory", "west", by=FIN, at=MONDAY).rows == ()
        with pytest.raises(NotAllowed):
            comments.comment(tx, "territory", "west", "Hm.", by=FIN, at=MONDAY)
        with pytest.raises(NotFound):
            comments.comments(tx, "account", "A1", by=CEM, at=MONDAY)
