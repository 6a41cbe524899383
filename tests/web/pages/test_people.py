"""People: the list, one person, the calendar; what each sees, and that lists ask no query a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from builders.counting import statements
from builders.web_company import BEGAN, NOW, PEOPLE, canary, principal_of
from patchbook import changes
from patchbook.changes import LeaveVacant
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override
from patchbook.people.principal import system
from patchbook.people.profile import UnknownPerson
from patchbook.people.roster import Presence
from patchbook.period import Period
from patchbook.web.pages import people, people_calendar, person

LEAVES = datetime(2027, 4, 1, tzinfo=UTC)


def listed(record, who="pia", at=NOW, **asked):
    with record.reading() as tx:
        return people.load(tx, by=principal_of(who), at=at, **asked)


@pytest.fixture
def changing(company):
    """Ron leaves in April and nobody follows; Sam is away now, and Sven acts."""
    with company.writing() as tx:
        changes.departure(tx, "ron", on=LEAVES, default=LeaveVacant(), by=system(), at=NOW)
        away = Period(NOW - timedelta(days=1), NOW + timedelta(days=9))
        changes.leave(tx, "sam", "sven", period=away, by=system(), at=NOW)
    return company


def test_everybody_is_told_with_seat_book_and_manager(company):
    (ron,) = listed(company, search="ron@").lines

    assert (ron.person_id, ron.accounts, ron.presently.word) == ("ron", 3, "here")
    assert [seat.territory for seat in ron.seats] == [f"North-1 {canary('north-1')}"]
    assert ron.manager == f"Nora {canary('nora')}"


def test_an_account_given_to_somebody_by_name_counts_for_them_and_not_for_the_territory(company):
    with company.writing() as tx:
        fact = {"account_id": "north-1-account-1", "role": "owner", "person_id": "sam", "kind": "exception"}
        why = {"cause": "exception", "source": "x", "reason": "y", "valid_from": NOW, "valid_to": LEAVES}
        lay(tx, override, [{**fact, **why}], at=NOW)
    sizes = {line.person_id: line.accounts for line in listed(company).lines}

    assert (sizes["ron"], sizes["sam"]) == (2, 4)


@pytest.mark.parametrize(
    ("presence", "who"),
    [(Presence.AWAY, {"sam"}), (Presence.LEAVING, {"ron"}), (Presence.COMING, set()), (Presence.GONE, set())],
)
def test_the_list_narrows_to_who_is_so(changing, presence, who):
    assert {line.person_id for line in listed(changing, presence=presence).lines} == who


def test_who_has_left_is_gone_and_their_seat_vacant(changing):
    page = listed(changing, at=LEAVES + timedelta(days=1))

    assert next(line for line in page.lines if line.person_id == "ron").presently.word == "gone"
    (vacancy,) = page.vacancies
    assert (vacancy.desk.territory_id, vacancy.desk.interim_id, vacancy.accounts) == ("north-1", "nora", 3)
    assert vacancy.hire == "/people/hire?seat_id=seat-north-1"


def test_a_team_is_all_below_a_manager(company):
    assert {line.person_id for line in listed(company, team_of="boss").lines} == {"nora", "sven", "ron", "rita", "sam"}
    assert {line.person_id for line in listed(company, team_of="nora").lines} == {"ron", "rita"}


@pytest.mark.parametrize(("who", "sees"), [("ron", {"ron"}), ("nora", {"nora", "ron", "rita"}), ("pia", set(PEOPLE))])
def test_everybody_sees_whom_they_may(company, who, sees):
    assert {line.person_id for line in listed(company, who).lines} == sees


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_all(company):
    def queries(**asked):
        with company.reading() as tx, statements(tx) as counted:
            people.load(tx, by=principal_of("pia"), at=NOW, **asked)
        return counted.number

    assert queries(search="ron@") == queries() == 13


def test_pages_follow_each_other(company, visitor):
    first = listed(company, limit=4)
    second = listed(company, limit=4, after=first.next)

    assert len(first.lines) == 4
    assert not {line.person_id for line in first.lines} & {line.person_id for line in second.lines}
    assert visitor("pia").get("/people", params={"after": first.next, "search": ""}).status_code == 200


def shown(record, person_id, who="pia", at=NOW):
    with record.reading() as tx:
        return person.load(tx, person_id, by=principal_of(who), at=at)


def test_a_person_has_a_book_seats_leave_and_who_acts(changing):
    sam, sven = shown(changing, "sam"), shown(changing, "sven")

    assert [one.account_id for one in sam.book] == [f"south-1-account-{number}" for number in (1, 2, 3)]
    assert [(one.desk.territory_id, one.when) for one in sam.seats] == [("south-1", "now")]
    assert [one.says for one in sam.aways] == [f"Sven {canary('sven')} acts for them"]
    assert sam.line.presently.says.startswith(f"Sven {canary('sven')} acts until")
    assert [one.says for one in sven.aways] == [f"Acts for Sam {canary('sam')}"]
    assert {one.because for one in sven.book} == {"by the territory", f"acting for Sam {canary('sam')}"}


def test_a_seat_that_ends_says_so(changing):
    (seat,) = shown(changing, "ron").seats

    assert (seat.desk.since, seat.desk.until, seat.when) == (BEGAN, LEAVES, "now")


def test_roles_are_told_to_oneself_and_to_an_admin(company):
    assert [one.role for one in shown(company, "ron", "ron").roles] == ["rep"]
    assert [one.role for one in shown(company, "ron", "ada").roles] == ["rep"]
    assert shown(company, "ron", "pia").roles is None


def test_who_may_not_see_a_person_is_told_there_is_nobody(company, visitor):
    with pytest.raises(UnknownPerson):
        shown(company, "sam", "ron")

    assert visitor("ron").get("/people/sam").status_code == 404


def test_who_may_change_nobody_is_offered_nothing(company, visitor):
    page = visitor("ron").get("/people/ron").text

    assert "/people/ron/depart" not in page
    assert "/people/ron/leave" not in page
    assert visitor("ron").get("/people/ron/depart").status_code == 403


def month(record, who="pia", **asked):
    with record.reading() as tx:
        return people_calendar.load(tx, by=principal_of(who), at=NOW, **asked)


def test_the_calendar_has_leaves_with_cover_and_departures(changing):
    page = month(changing)

    told = {(line.name.split(" ")[0], line.what.split(" ")[0]) for line in page.lines}
    assert told == {("Sam", "away;"), ("Ron", "leaves")}
    sam = next(row for row in page.rows if row.name.startswith("Sam"))
    assert sam.marks[0].label == f"Sven {canary('sven')}"
    assert sam.marks[0].x < page.today < sam.marks[0].x + sam.marks[0].width


def test_the_calendar_has_what_expires(company):
    with company.writing() as tx:
        fact = {"account_id": "north-1-account-1", "role": "owner", "person_id": "sam", "kind": "exception"}
        why = {"cause": "exception", "source": "x", "reason": "y", "valid_from": NOW, "valid_to": LEAVES}
        lay(tx, override, [{**fact, **why}], at=NOW)
    (line,) = month(company).lines

    assert (line.what, line.start, line.account_path) == ("exception ends", LEAVES, "/accounts/north-1-account-1")


def test_the_calendar_is_of_whom_one_sees_and_of_one_team(changing):
    assert [row.name.split(" ")[0] for row in month(changing, "nora").rows] == ["Ron"]
    assert [row.name.split(" ")[0] for row in month(changing, team_of="sven").rows] == ["Sam"]
    assert month(changing, "rita").rows == ()


def test_the_calendar_asks_the_same_number_of_queries_whatever_happens(changing, company):
    with company.reading() as tx, statements(tx) as counted:
        people_calendar.load(tx, by=principal_of("pia"), at=NOW)

    assert counted.number == 5
