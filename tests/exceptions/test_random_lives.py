"""However exceptions are asked for, agreed to, renewed and ended, each account has the owner a plain list says."""

from __future__ import annotations

import os
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from builders.together import ADA, HAL, MONDAY, PIA, ROOT, the_teams, the_territories
from patchbook.errors import PatchbookError
from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import Status
from patchbook.ledger.actions import owners_of
from patchbook.ledger.tables import override
from patchbook.period import FOREVER, midnight

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
DAYS = [midnight(MONDAY.date()) + timedelta(days=number) for number in range(1, 13)]
OWNERS = {"A1": "ann", "A3": "cem", "A4": "ann"}

deeds = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(list(OWNERS)), st.sampled_from(["ann", "bo", "cem", "zoe"]),
                  st.integers(0, 10), st.integers(1, 8)),
        st.tuples(st.just("agree"), st.integers(0, 5)),
        st.tuples(st.just("end"), st.integers(0, 5), st.integers(0, 11)),
        st.tuples(st.just("renew"), st.integers(0, 5), st.integers(0, 11)),
        st.tuples(st.just("reject"), st.integers(0, 5)),
    ),
    max_size=60 if TORTURE else 14,
)  # fmt: skip


@settings(max_examples=400 if TORTURE else 12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds)
def test_the_ledger_says_what_the_agreed_exceptions_say(record, lives):
    with record.engine.connect() as tx:
        tx.info["record"] = record
        outer = tx.begin()
        the_teams(tx)
        the_territories(tx)
        for number, deed in enumerate(lives):
            inner = tx.begin_nested()
            try:
                live(tx, deed, at=MONDAY + timedelta(minutes=number))
                inner.commit()
            except PatchbookError:
                inner.rollback()

        now = MONDAY + timedelta(hours=1)
        known = exceptions.register(tx, limit=1000, by=ROOT, at=now).rows
        for day in DAYS:
            held = {one.account_id: one.person_id for one in known if one.is_in_force(day)}
            assert owners_of(tx, list(OWNERS), on=day) == {**OWNERS, **held}
        believed = tx.execute(select(override.c.source).where(override.c.recorded_to == FOREVER)).scalars().all()
        agreed = {one.exception_id for one in known if one.status in (Status.APPROVED, Status.ENDED)}
        assert set(believed) <= agreed
        outer.rollback()
        tx.info.clear()


def live(tx, deed, *, at) -> None:
    """One deed of a random life; asks and answers are by different people."""
    what, *told = deed
    if what == "ask":
        account, person, start, days = told
        ends = min(start + days, len(DAYS) - 1)
        exceptions.request(
            tx, account, person, kind="other", reason="Once.", starts=DAYS[start], expires=DAYS[max(ends, start + 1)],
            by=ADA, at=at,
        )  # fmt: skip
        return
    known = sorted(exceptions.register(tx, limit=1000, by=ROOT, at=at).rows, key=lambda one: one.requested_at)
    if not known:
        return
    one = known[told[0] % len(known)]
    if what == "agree":
        for _ in one.steps:
            one = exceptions.approve(tx, one.exception_id, by=PIA, at=at)
    elif what == "reject":
        exceptions.reject(tx, one.exception_id, "No.", by=HAL, at=at)
    elif what == "end":
        exceptions.end(tx, one.exception_id, on=DAYS[told[1]], why="Over.", by=PIA, at=at)
    else:
        exceptions.renew(tx, one.exception_id, expires=DAYS[told[1]], reason="More.", by=ADA, at=at)
