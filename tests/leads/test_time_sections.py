"""The sections of calendars, service levels and live changes, read with every problem and its line."""

from __future__ import annotations

from datetime import date

import pytest

from patchbook.leads.document import BadRouting, loads
from patchbook.live.policy import Answer, Policy
from patchbook.routing.calendars import Calendars
from patchbook.routing.lead import Motion
from patchbook.routing.service_levels import ServiceLevel

WHOLE = """\
calendars:
  berlin:
    time_zone: Europe/Berlin
    hours: {monday: [09:00-12:30, 13:30-18:00], friday: 09:00-15:00}
    holidays: [2027-10-03]
    holidays_of: DE-BY
    people: [ann]
    default: yes
service_levels:
  inbound: {motions: [inbound], accept_within: 30, accept_reminder: 15, touch_within: 240, reassign: no}
live_changes:
  default: ignore
  fields: {employees: act, country: propose}
  rules: {West: propose}
  hold_days: 14
"""


def test_all_three_are_read():
    document = loads(WHOLE)

    berlin = document["calendars"].of("ann")
    assert berlin.working_hours["monday"] == (("09:00", "12:30"), ("13:30", "18:00"))
    assert {date(2027, 10, 3), date(2027, 1, 6)} <= berlin.holidays
    assert document["calendars"].default == "berlin"
    (level,) = document["service_levels"]
    assert level == ServiceLevel(
        name="inbound",
        motions=(Motion.INBOUND,),
        accept_within=30,
        accept_reminder=15,
        touch_within=240,
        reassigns=False,
    )
    assert document["live_changes"] == Policy(
        default=Answer.IGNORE,
        fields={"employees": Answer.ACT, "country": Answer.PROPOSE},
        rules={"West": Answer.PROPOSE},
        hold_days=14,
    )


def test_without_them_their_defaults_hold():
    document = loads("")

    assert document["calendars"] == Calendars()
    assert document["service_levels"] == ()
    assert document["live_changes"] == Policy()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("calendars:\n  a: {time_zone: Berlin}\n", "There is no time zone 'Berlin'"),
        ("calendars:\n  a: {hours: {mon: 09:00-17:00}}\n", "name the day 'mon'"),
        ("calendars:\n  a: {hours: {monday: [17:00-09:00]}}\n", "each stretch ends after it starts"),
        ("calendars:\n  a: {holidays_of: XX}\n", "No public holidays are known of 'XX'"),
        ("calendars:\n  a: {people: [x]}\n  b: {people: [x]}\n", "x follows a and b"),
        ("calendars:\n  a: {default: yes}\n  b: {default: yes}\n", "a and b are both the default"),
        ("service_levels:\n  a: {reassign: yes}\n", "a awaits nothing"),
        ("service_levels:\n  a: {accept_within: 10, accept_reminder: 20}\n", "a reminder comes before time runs out"),
        ("service_levels:\n  a: {accept_within: -5}\n", "-5 is not above 0"),
        ("live_changes: {default: move}\n", "'move' is none of act, propose, ignore"),
        ("live_changes: {fields: {employees: move}}\n", "employees: 'move' is none of act, propose, ignore"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(text, says):
    with pytest.raises(BadRouting, match=r"line [123]") as refused:
        loads(text)
    assert says in str(refused.value)
