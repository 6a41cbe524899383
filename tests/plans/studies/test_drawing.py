"""A chart as SVG: everything in it is there, in place, as text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from patchbook.plans.studies.drawing import HEIGHT, MOST_BARS, WIDTH, file_of, says, svg_of
from patchbook.plans.studies.study import Chart, Mark

MARKS = (
    Mark(label="West <b>", x=0.0, y=-1.0),
    Mark(label="East", x=1.0, y=3.0, low=2.0, high=4.0, kind="best"),
    Mark(label="Now", x=2.0, y=2.0, kind="now"),
)


def a_chart(kind, marks=MARKS):
    return Chart(name="c", title="A & B", kind=kind, across="Across", up="Up", marks=marks, up_unit="share")


@pytest.mark.parametrize("kind", ["points", "bars", "histogram", "lines"])
def test_every_mark_is_drawn_inside_the_picture_and_told(kind):
    drawn = ElementTree.fromstring(svg_of(a_chart(kind)))

    titles = [title.text for title in drawn.iter("title")]
    assert len(titles) == 3
    assert any(title.startswith("West <b>:") for title in titles)
    for shape in (*drawn.iter("rect"), *drawn.iter("circle")):
        x, y = (float(shape.get("x", shape.get("cx"))), float(shape.get("y", shape.get("cy"))))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    assert sum("best" in (one.get("class") or "") for one in drawn.iter()) == 1
    assert "style" not in svg_of(a_chart(kind))


def test_bars_may_be_told_with_names_up_and_values_across():
    marks = tuple(Mark(label=label, x=value) for label, value in (("West", 3.0), ("East", 1.0)))
    chart = Chart(name="c", title="T", kind="bars", across="Accounts", up="Held by", marks=marks, up_unit="text")

    west, east = ElementTree.fromstring(svg_of(chart)).iter("rect")

    assert float(west.get("width")) == pytest.approx(3 * float(east.get("width")), rel=0.01)
    assert says(chart) == "T. Held by across, Accounts up, from 1 to 3 in 2 bars."


def test_where_only_intervals_differ_bars_span_them():
    marks = tuple(Mark(label=str(reach), x=0.0, y=10.0, low=10.0 - reach, high=10.0 + reach) for reach in (4, 2))

    wide, narrow = ElementTree.fromstring(svg_of(a_chart("bars", marks))).iter("rect")

    assert float(wide.get("width")) == pytest.approx(2 * float(narrow.get("width")), rel=0.01)


def test_of_very_many_bars_the_first_are_drawn_and_the_rest_counted():
    drawn = svg_of(a_chart("bars", tuple(Mark(label=f"T{number}", x=0.0, y=1.0 + number) for number in range(100))))

    assert drawn.count("<rect") == MOST_BARS
    assert "(70 more in the table)" in drawn


def test_those_who_do_not_see_it_are_told_the_range_and_what_stands_out():
    assert says(a_chart("points")) == (
        "A & B. Across across, Up up, from −100\u00a0% to 300\u00a0% in 3 points. Best: East, 300\u00a0%."
        " As it is: Now, 200\u00a0%."
    )
    assert 'role="img" aria-label="A &amp; B. ' in svg_of(a_chart("points"))


@pytest.mark.parametrize("marks", [(), (Mark(label="m", x=float("nan"), y=1.0),)])
def test_where_there_is_nothing_to_draw_it_says_so(marks):
    assert "Nothing to draw" in svg_of(a_chart("bars", marks))


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e-9, 1e12])
def test_a_single_value_has_an_axis_with_steps(value):
    for kind in ("points", "bars", "histogram", "lines"):
        assert len(re.findall(r'class="grid"', svg_of(a_chart(kind, (Mark(label="m", x=value, y=value),))))) >= 2


def test_a_file_opens_by_itself():
    root = ElementTree.fromstring(file_of(a_chart("bars")))

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in file_of(a_chart("bars"))
