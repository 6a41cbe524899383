"""Who fills a seat through a period, drawn at random: every instant is somebody's, if anybody is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.people.profile import NotEmployed
from patchbook.period import FOREVER, Period
from patchbook.territories.staffing import filled
from patchbook.territories.territory import Filler

START = datetime(2027, 1, 1, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cyd")


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@st.composite
def periods(draw) -> Period:
    start = draw(st.integers(0, 30))
    return Period(day(start), draw(st.sampled_from([FOREVER, *(day(start + more) for more in (1, 5, 20))])))


employments = st.dictionaries(st.sampled_from(PEOPLE), periods().map(lambda period: (period,)))
fillers = st.sampled_from([Filler(person_id="ann"), Filler(interim_id="ann"), Filler(), Filler(pool_id="pool")])


@given(fillers, periods(), employments)
def test_a_period_is_filled_without_a_hole_by_whoever_is_employed(filler, period, employed):
    named = filler.person_id or filler.interim_id
    if named and not any(one.contains(period.start) for one in employed.get(named, ())):
        with pytest.raises(NotEmployed):
            filled(filler, period, employed=employed, interims=PEOPLE)
        return

    pieces = filled(filler, period, employed=employed, interims=PEOPLE)

    assert [piece.start for _, piece in pieces] == [period.start, *(piece.end for _, piece in pieces[:-1])]
    assert pieces[-1][1].end == period.end
    for who, piece in pieces:
        somebody = who.person_id or who.interim_id
        if somebody:
            assert any(one.covers(piece) for one in employed[somebody])
        elif who.pool_id is None:
            assert not any(one.overlaps(piece) for person in PEOPLE for one in employed.get(person, ()))


def test_the_first_who_is_there_looks_after_a_vacant_seat_for_as_long_as_they_are():
    employed = {"ann": (Period(day(5), day(9)),), "bob": (Period(day(0), day(7)),)}

    pieces = filled(Filler(), Period(day(0), day(12)), employed=employed, interims=["ann", "bob"])

    assert [(who.interim_id, piece.start, piece.end) for who, piece in pieces] == [
        ("bob", day(0), day(7)),
        ("ann", day(7), day(9)),
        (None, day(9), day(12)),
    ]
