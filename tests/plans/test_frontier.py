"""Which settings are tried, and which of their carves nothing beats."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from patchbook.plans.documents import parsed
from patchbook.plans.frontier import AS_WRITTEN, Point, Tuning, best, changes, is_out_of_reach, tuned, tunings
from patchbook.plans.trying import with_tuning

TEXT = """plan: Field
accounts: a.csv
people: people.csv
measures:
  potential: {from: revenue_usd, tolerance: 10%}
groups:
  West: {where: "state = 'CA'", catch_all: West rest}
layers:
  - rule: {territory: Bay, where: "city = 'San Francisco'", under: West}
  - carve: {name: Field, compact: true}  # those who travel
  - house: rest
"""

triples = st.lists(st.tuples(*[st.integers(0, 4).map(float)] * 3), max_size=12)


@given(triples)
def test_the_best_are_those_that_nothing_beats_and_everything_else_is_beaten_by_one_of_them(points):
    wins = best(points)

    chosen = [point for point, is_best in zip(points, wins, strict=True) if is_best]
    assert len(chosen) == len(set(chosen))
    for point in points:
        beaten = any(other != point and all(a <= b for a, b in zip(other, point, strict=True)) for other in points)
        assert (point in chosen) != beaten


def test_the_plan_as_it_is_comes_first_and_no_two_settings_mean_the_same():
    plan = parsed(TEXT)

    tried = tunings(plan, has_owners=True, has_places=True)

    assert tried[0] == AS_WRITTEN
    assert 9 <= len(tried) <= 15
    assert len({repr((tuned(plan, one).layers, tuned(plan, one).measures)) for one in tried}) == len(tried)
    assert len({one.key for one in tried}) == len({one.says for one in tried}) == len(tried)
    assert tried == tunings(plan, has_owners=True, has_places=True)


def test_what_makes_no_difference_is_not_tried():
    plan = parsed(TEXT)

    assert {one.travel_times for one in tunings(plan, has_owners=True, has_places=False)} == {1.0}
    without = tunings(plan, has_owners=False, has_places=True)
    assert all(one.is_as_written for one in without)


def test_every_setting_can_be_written_into_the_document_and_means_that_plan():
    plan = parsed(TEXT)

    for tuning in tunings(plan, has_owners=True, has_places=True):
        text = with_tuning(TEXT, tuning)
        assert parsed(text).measures == tuned(plan, tuning).measures, tuning
        assert parsed(text).layers == tuned(plan, tuning).layers, tuning
        assert "# those who travel" in text
    assert changes(plan, AS_WRITTEN) == {}
    assert with_tuning(TEXT, AS_WRITTEN) == TEXT


def test_a_measure_that_is_written_as_its_field_alone_is_written_out_and_comments_stay():
    text = TEXT.replace("{from: revenue_usd, tolerance: 10%}", "revenue_usd")

    written = with_tuning(text, Tuning(tolerance_times=2.0))

    assert "  potential: {from: revenue_usd, tolerance: 10%}\n" in written
    assert "# those who travel" in written


def test_what_cannot_be_put_in_is_written_anew_with_its_file_of_locks_and_means_the_same():
    text = TEXT.replace("  potential:", "  ? potential\n  :").replace("layers:", "locks: locks.csv\nlayers:")
    tuning = Tuning(owners="ignore", travel_times=3.0)

    written = with_tuning(text.replace("- carve: {", "- carve: {keep: {owners: prefer}, "), tuning)

    assert parsed(written).layers == tuned(parsed(TEXT), tuning).layers
    assert "locks: locks.csv" in written


def test_a_tolerance_is_not_widened_until_a_territory_may_be_empty():
    plan = parsed(TEXT.replace("10%", "60%"))

    assert tuned(plan, Tuning(tolerance_times=2.0)).measures[0].tolerance == 0.9


def test_a_tighter_bound_is_out_of_reach_once_a_looser_one_could_not_be_met():
    failed = Point(
        tuning=Tuning(moved_at_most=0.2), result_id="r", seed=1, seconds=3, engine="1", moved=5, moved_share=0.3,
        deviation=0.1, travel_km=None, gap=None, is_feasible=False,
    )  # fmt: skip

    assert is_out_of_reach(Tuning(moved_at_most=0.1), [failed])
    assert not is_out_of_reach(Tuning(moved_at_most=0.1, tolerance_times=2.0), [failed])
    assert not is_out_of_reach(Tuning(moved_at_most=0.3), [failed])
    assert not is_out_of_reach(Tuning(moved_at_most=0.1), [replace(failed, is_feasible=True)])
    assert Point.from_dict(failed.to_dict()) == failed
