"""What the carves of a frontier are as settings of a plan."""

from __future__ import annotations

from patchbook.carving.frontier import Emphasis
from patchbook.plans.documents import parsed
from patchbook.plans.frontier import (
    AS_WRITTEN,
    Point,
    Tuning,
    changes,
    counted_otherwise,
    disruption_by,
    tuned,
    tuning_of,
)
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


TUNINGS = [
    AS_WRITTEN,
    *(
        Tuning(tolerance_times=wide, travel_times=travel)
        for wide in (0.5, 1.0, 2.0, 1.41)
        for travel in (0.25, 1.0, 2.83)
    ),
    Tuning(tolerance_times=0.707, is_as_written=True),
]


def test_every_setting_has_a_key_and_words_of_its_own():
    assert len({one.key for one in TUNINGS}) == len({one.says for one in TUNINGS}) == len(TUNINGS)
    assert Tuning(tolerance_times=0.5, travel_times=2.83).says == (
        "Owners kept where possible, half the tolerances, travel counts 2.83 times as much"
    )


def test_a_carve_of_the_frontier_is_called_by_the_settings_of_the_plan():
    emphasis = Emphasis(tolerance_times=2.0, travel_times=0.25)

    assert tuning_of(emphasis, has_owners=True) == Tuning(tolerance_times=2.0, travel_times=0.25)
    assert tuning_of(Emphasis(), has_owners=False) == AS_WRITTEN


def test_every_setting_can_be_written_into_the_document_and_means_that_plan():
    plan = parsed(TEXT)

    for tuning in TUNINGS:
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


FEWEST = "{name: Field, goal: rebalance, fewest: potential}"


def of_carves(*carves):
    layers = "".join(f"  - carve: {carve}\n" for carve in carves)
    return parsed(TEXT.replace("  - carve: {name: Field, compact: true}  # those who travel\n", layers))


def test_disruption_is_counted_by_what_every_carve_is_to_move_least_of():
    assert disruption_by(of_carves(FEWEST)) == "potential"
    assert disruption_by(of_carves(FEWEST, FEWEST.replace("Field", "Inside"))) == "potential"
    assert disruption_by(of_carves("{name: Field}")) is None
    assert counted_otherwise(of_carves(FEWEST)) is counted_otherwise(of_carves("{name: Field}")) is None


def test_where_it_cannot_be_counted_so_it_is_said_why():
    anew = of_carves("{name: Field, fewest: potential}")
    mixed = of_carves(FEWEST, "{name: Inside, goal: rebalance}")

    assert disruption_by(anew) is disruption_by(mixed) is None
    assert counted_otherwise(anew) == (
        "Field names potential as what moves least, but is drawn anew (goal: carve), so accounts are counted."
    )
    assert counted_otherwise(mixed) == (
        "The carves do not all name the same as what moves least, so accounts are counted."
    )


def test_a_point_is_read_as_it_was_kept():
    point = Point(
        tuning=Tuning(moved_at_most=0.2), result_id="r", seed=1, seconds=3, engine="1", moved=5, moved_share=0.3,
        deviation=0.1, travel_km=None, gap=None, is_feasible=False,
    )  # fmt: skip

    assert Point.from_dict(point.to_dict()) == point
    assert point.is_like(Point.from_dict({**point.to_dict(), "result_id": "s", "seed": 2}))
    assert not point.is_like(Point.from_dict({**point.to_dict(), "deviation": 0.2}))


def test_a_carve_by_likeness_is_tuned_by_its_weights():
    plan = parsed(TEXT.replace("compact: true", "similar: [industry, tier]"))
    tuning = Tuning(travel_times=0.5, of="likeness", is_as_written=True)

    assert tuning.says == "Likeness counts half as much"
    assert tuned(plan, tuning).layers[-2].similar == {"industry": 0.5, "tier": 0.5}
    assert changes(plan, tuning) == {("layers", 1, "carve", "similar"): {"industry": 0.5, "tier": 0.5}}
    text = with_tuning(TEXT.replace("compact: true", "similar: [industry, tier]"), tuning)
    assert parsed(text).layers == tuned(plan, tuning).layers
