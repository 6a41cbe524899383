"""What the commands of the record say to people who read no JSON."""

from __future__ import annotations

import pytest

SAID = {
    "owner A1": ["Now the owner of A1 is Ann Archer. It is in North."],
    "owner A1 --on 2026-03-01": ["On 2026-03-01 the owner of A1 is Ann Archer."],
    "why A1": ["• Account A1 is in the territory North, from 2026-02-01", "• Ann Archer has the owner seat of North"],
    "book ANN --limit 1": ["A1", "Company 1", "North", "There is more; go on with --after"],
    "history A1": ["2026-02-01  open  Ann Archer", "From 2026-02-01:"],
    "credit A1": ["ANN  owner    100.0"],
    "people": ["Ann Archer", "MIA", "from 20"],
    "territories": ["Named", "  North", "Field"],
    "territories North": ["owner  ANN"],
    "import list": ["accounts.csv", "people.csv", "opportunities.csv"],
    "plan list": ["Grid", "active", "Other", "draft"],
    "plan show Grid": ["Grid (plan-", "is active", "North", "ANN"],
    "plan show grid.yaml": ["plan: Grid", "# Field is carved for people where role is rep"],
    "plan review Grid": ["MIA", "a planner", "approved"],
    "plan journal Other": ["Other has no edits."],
    "plan compare Grid Other": ["territories", "accounts that change owner"],
    "plan diff Grid Other": ["The two plans mean the same."],
    "plan export Other": ["name: Other", "document: |"],
    "plan edit move Other A1 --to Middle": ["Other is at revision"],
    "plan edit lock Other A1": ["Other is at revision"],
    "plan invite Other MIA": ["MIA may see Other now."],
    "plan withdraw Other": ["Other is withdrawn."],
    "plan carve Other --seconds 0.1": ["Other: 9 accounts in 6 territories", "patchbook plan show"],
    "proposals": ["There is no proposal."],
    "propose Other A1 --to Middle --preview": ["Moves 1 account"],
    "propose Other A1 --to Middle --why Closer": ["Proposed as proposal-", "Moves 1 account"],
    "challenge list": ["There is no challenge."],
    "challenge open Other --until 2099-01-01": ["Other is open to challenges until 2099-01-01."],
    "exception list": ["There is no exception."],
    "exception request A1 DEE --reason Group --from 2098-01-01 --until 2098-06-01": ["is requested."],
    "publish Grid": ["is published from 2026-02-01 already; nothing was changed."],
    "publish Grid --dry-run": ["Grid would change 0 of 9 accounts; 9 stay as they are."],
    "leave ANN --cover BOB --from 2097-01-01 --until 2097-02-01": ["BOB acts for them", "0 are left uncovered"],
    "depart ANN --on 2097-01-01 --replace-by DEE --preview": ["nothing is written", "owner of North: ANN until 2097"],
    "depart ANN --on 2097-01-01 --split": ["ANN leaves on 2097-01-01."],
    "promote ANN manager --on 2097-01-01 --preview": ["This would happen"],
    "rollback Grid": ["Rolled back from"],
    "audit verify": ["events hold together"],
    "audit trail --limit 3": ["publish", "There is more"],
    "inbox": ["Nothing waits for you."],
    "inbox --as MIA": ["Nothing waits"],
    "comment plan Other": ["Nobody said anything about it yet."],
    "comment plan Other Fine": ["Said as comment-"],
    "comment territory North Fine": ["Said as comment-"],
    "comment account A1 --json": ['"rows": []'],
    "holdover list": ["No deal is held over then."],
    "token list": ["There is no token."],
    "user roles MIA": ["manager  everywhere"],
    "backup kept.patchbook": ["are in kept.patchbook.", "keep audit.key of the data folder somewhere safe"],
}


@pytest.mark.parametrize("line", SAID)
def test_a_command_says_what_it_found_or_did(patchbook_says, published, line):
    code, printed, complained = patchbook_says(*line.split())

    assert (code, complained) == (0, "")
    assert [words for words in SAID[line] if words not in printed] == [], printed


REFUSED = {
    "owner A10": "There is no account 'A10'",
    "owner A1 --on 2025-01-01": "its facts begin on 2026-02-01",
    "owner A1 --as-known-on 2025-01-01": "its first fact was recorded on",
    "credit": "Name an account, or an opportunity with --opportunity; one of the two.",
    "book NOBODY": "There is no person 'NOBODY'",
    "plan show Nothing": "There is no plan 'Nothing'",
    "plan start missing.yaml": "There is no file missing.yaml here",
    "plan start accounts.csv": "plan.yaml line 1",
    "plan take missing.yaml": "There is no file missing.yaml here",
    "plan take grid.yaml": "The file is no exported plan",
    "plan carve Grid": "only a draft can be edited",
    "plan edit move Other A1 --to Nowhere": "no territory 'Nowhere'",
    "plan edit move Other A1 --to Middle --revision 99": "revision",
    "plan undo Other": "Other",
    "propose Other A77 --to Middle --why Closer": "The plan has no account 'A77'",
    "approve Other": "Other",
    "publish Other": "only an approved plan can be published",
    "rollback Other": "Plan 'Other' has no publication that could be taken back.",
    "rollback nothing": "nothing",
    "leave ANN": "A leave needs --cover, --from and --until; --back ends one.",
    "leave ANN --back 2097-01-01 --cover BOB": "--back ends a leave",
    "leave ANN --cover ANN --from 2097-01-01 --until 2097-02-01": "ANN",
    "depart ANN --on 2020-01-01": "2020-01-01",
    "depart ANN --on 2097-01-01 --split --interim MIA": "Name one of --replace-by, --split and --interim",
    "hire DEE Nowhere --on 2097-01-01": "There is no territory 'Nowhere'.",
    "hire DEE North --on 2097-01-01 --role sdr": "has no seat of the role 'sdr'; its seats are: owner.",
    "reorganise Named --below North --on 2097-01-01": "Named",
    "exception approve exception-1": "exception-1",
    "comment plan Nothing Fine": "There is no plan 'Nothing'",
    "comment weather A1 Fine": "weather",
    "holdover extend O1 --until 2098-01-01 --why Soon": "There is no holdover on opportunity 'O1'.",
    "holdover decide extension-1 --grant": "extension-1",
    "user erase ANN --yes": "'ANN' is employed",
    "token revoke token-1": "There is no token 'token-1'.",
    "import accounts missing.csv": "missing.csv",
    "import rejected import-1": "import-1",
    "restore missing.patchbook --data elsewhere": "missing.patchbook",
    "restore accounts.csv --data elsewhere": "accounts.csv",
    "why somewhere A1 --on 2026-01-01": "is a result folder, which knows no dates",
}


def test_a_rep_sees_their_own_book_and_nothing_of_others(patchbook_says, published):
    assert patchbook_says("owner", "A1", "--as", "ANN")[0] == 0
    foreign = patchbook_says("owner", "A9", "--as", "ANN")
    unknown = patchbook_says("owner", "A77", "--as", "ANN")

    assert foreign[0] == 2
    assert foreign[2].replace("A9", "A77") == unknown[2]
    assert (
        "Only "
        in patchbook_says("publish", "Other", "--as", "ANN")[2]
        + patchbook_says("import", "accounts", "accounts.csv", "--as", "ANN")[2]
    )


def test_proposals_and_the_inbox_name_the_plan(patchbook_says, published):
    assert patchbook_says("propose", "Other", "A1", "--to", "Middle", "--why", "Closer")[::2] == (0, "")

    assert "  Other  " in patchbook_says("proposals")[1]
    assert "  Other  " in patchbook_says("inbox", "--as", "CYD")[1]


@pytest.mark.parametrize("line", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_sentence(patchbook_says, published, line):
    code, printed, complained = patchbook_says(*line.split())

    assert (code, printed) == (2, "")
    assert REFUSED[line] in complained
    assert complained.count("\n") == 1
