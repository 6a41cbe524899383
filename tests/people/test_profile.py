"""What a profile may be, without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from patchbook.people.profile import BadProfile, NotEmployed, Profile
from patchbook.period import Period

SPRING = Period(datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))


def test_an_instant_lies_in_an_employment_or_in_none():
    ann = Profile(person_id="ann", name="Ann", employed=(SPRING,))

    assert ann.employment_on(SPRING.start) == SPRING
    with pytest.raises(
        NotEmployed, match=r"ann is not employed on 2027-06-01; .* employed from 2027-03-01 until 2027-06-01"
    ):
        ann.employment_on(SPRING.end)


def test_who_was_never_employed_is_told_so():
    with pytest.raises(NotEmployed, match="the record has them employed never"):
        Profile(person_id="ann", name="Ann").employment_on(SPRING.start)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"person_id": " "}, "needs an id and a name"),
        ({"name": ""}, "needs an id and a name"),
        ({"capacity": -1}, "capacity is at least 0"),
        ({"capacity": float("nan")}, "capacity is at least 0"),
        ({"time_zone": ""}, "no time zone ''"),
        ({"time_zone": "../etc"}, "write one as Europe/Berlin"),
        ({"working_hours": {"monday": (("09:00", "12:00"), ("11:00", "17:00"))}}, "the next starts after that"),
        ({"working_hours": {"monday": (("09:00",),)}}, "write a stretch as 09:00 to 17:30"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(told, says):
    with pytest.raises(BadProfile, match=says):
        Profile(**{"person_id": "ann", "name": "Ann", **told})
