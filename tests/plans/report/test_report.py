"""The report says what the figures say, escapes what came from outside, and needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from builders.results import a_result
from patchbook.plans.plan import CarveLayer
from patchbook.plans.report import page_of, render, territory_map
from patchbook.plans.result import BORDERS, Result


class Links(HTMLParser):
    """Collects whatever a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            local = tag == "a" or name == "xmlns"
            if not local and name in {"src", "href", "srcset", "data", "action"}:
                self.fetched.append(value or "")


def without_places(result: Result) -> Result:
    return replace(
        result,
        accounts=result.accounts.drop("latitude", "longitude").with_columns(
            sector=pl.Series(["Steel", "Wool", "Steel", "Wool", "Wool", "Steel", "Wool", "Steel", "Steel"])
        ),
        territories=result.territories.with_columns(
            pl.lit(None, dtype=pl.Float64).alias(name) for name in ("latitude", "longitude", "travel_km", "compactness")
        ),
        areas=result.areas.clear(),
        plan=replace(result.plan, layers=(CarveLayer(name="Field", by="sector", travel=0.0, balance=("potential",)),)),
    )


def test_the_lead_tells_a_leader_the_few_things_that_matter() -> None:
    said = " ".join(page_of(a_result()).sentences).replace("\u00a0", " ")

    assert "Every territory is within 20 % of its fair share of potential; before, the furthest was 56 % off." in said
    assert "3 accounts change owner, 38 % of those that had one." in said
    assert "It is proven to cost at most 4.0 % more than the best possible plan." in said


def test_a_plan_that_meets_not_every_constraint_says_so_first() -> None:
    page = page_of(a_result(summary={"feasible": False}))

    assert not page.is_feasible
    assert page.sentences[0].startswith("Not every constraint could be met")


def test_the_borders_that_hold_most_have_their_reason_on_the_page() -> None:
    sides = [("West", "East", "Field", 3, 9 - n, None, None, None, f"Reason <{n}>.") for n in range(9)]
    borders = pl.DataFrame(sides, schema=dict(BORDERS), orient="row")

    html = render(replace(a_result(), borders=borders))

    assert "Why the borders are there" in html
    assert "<b>West beside East:</b> Reason &lt;0&gt;." in html
    assert "… and 1 more in borders.csv." in html
    assert "Why the borders are there" not in render(a_result())


def test_nothing_is_fetched_from_anywhere() -> None:
    html = render(a_result())
    links = Links()
    links.feed(html)

    assert [link for link in links.fetched if not link.startswith("data:")] == []
    assert set(re.findall(r"https?://[^\s\"'<>]+", html)) == {"http://www.w3.org/2000/svg"}


def test_what_came_from_accounts_can_not_become_markup() -> None:
    evil = "</script><script>alert(1)</script>"
    result = a_result()
    html = render(
        replace(
            result,
            accounts=result.accounts.with_columns(name=pl.lit(evil)),
            assignments=result.assignments.with_columns(reason=pl.lit(evil)),
            plan=replace(result.plan, name=evil),
        )
    )

    assert "<script>alert(1)" not in html
    assert html.count("</script>") == 2


def test_people_are_called_by_their_names() -> None:
    changes = page_of(a_result(people={"Ann": "Ann Lee"})).changes

    assert changes is not None
    assert [row.person for row in changes.people] == ["Ann Lee", "Bo", "Cem"]


def test_each_person_sees_what_they_give_up_and_gain() -> None:
    changes = page_of(a_result()).changes

    assert changes is not None
    assert [(row.person, row.had, row.keeps, row.gives_up, row.gains, row.has) for row in changes.people] == [
        ("Ann", 6, 3, 3, 0, 3),
        ("Bo", 0, 0, 0, 3, 3),
        ("Cem", 2, 2, 0, 1, 3),
    ]
    assert [row.account for row in changes.moved] == ["Company 2", "Company 5", "Company 8"]


def test_bars_before_and_after_stand_on_one_scale_and_mark_what_is_off() -> None:
    [balance] = page_of(a_result()).balances

    assert balance.before is not None
    assert [bar.is_off for bar in balance.before.bars] == [True, True]
    assert [bar.is_off for bar in balance.after.bars] == [False, False, False]
    assert max(bar.width for bar in balance.before.bars) == 100


def test_long_lists_are_cut_and_refer_to_their_file() -> None:
    many = pl.DataFrame(
        {
            "kind": ["unassigned"] * 250,
            "account_id": [None] * 250,
            "territory": [None] * 250,
            "message": ["lost"] * 250,
        },
        schema=dict.fromkeys(("kind", "account_id", "territory", "message"), pl.String),
    )

    assert "… and 150 more in problems.csv." in render(a_result(problems=many))


def test_a_plan_without_owners_before_has_no_chapter_on_changes() -> None:
    result = a_result()
    nobody = result.assignments.with_columns(previous_owner=pl.lit(None, dtype=pl.String), moved=pl.lit(False))
    page = page_of(replace(result, assignments=nobody, before=result.before.clear()))

    assert page.changes is None
    assert page.balances[0].before is None


def test_a_plan_without_places_shows_segments_by_territory() -> None:
    result = without_places(a_result())
    page = page_of(result)

    assert page.map.svg == ""
    assert page.matrix is not None
    assert page.matrix.segments == ("Steel", "Wool")
    # East holds accounts 3, 6 and 9, all of them in steel.
    assert page.matrix.rows[0].cells == ((3, 5), (0, 0))
    assert "Accounts by sector and territory" in render(result)


def test_an_empty_plan_still_has_a_page() -> None:
    result = a_result()
    html = render(
        replace(
            result,
            accounts=result.accounts.clear(),
            assignments=result.assignments.clear(),
            territories=result.territories.clear(),
            before=result.before.clear(),
            areas=result.areas.clear(),
        )
    )

    assert "0 accounts" in html


def test_the_map_shows_itself_in_a_notebook() -> None:
    drawn = a_result().plot()

    assert drawn._repr_svg_().startswith("<svg")
    assert drawn._repr_svg_().count("<circle") == 9
    assert drawn._repr_svg_().count('class="territory ') == 3


def test_territories_that_touch_differ_in_colour() -> None:
    assert len(set(territory_map(a_result()).colours)) == 3


def test_a_large_plan_draws_neighbourhoods_and_sends_the_search_to_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("patchbook.plans.report.map.MOST_POINTS", 5)
    monkeypatch.setattr("patchbook.plans.report.page.MOST_SEARCHED", 5)
    html = render(a_result())

    assert "A circle is a neighbourhood" in html
    assert "<code>patchbook why</code>" in html
    assert 'id="accounts"' not in html


def test_places_outside_the_us_are_drawn_on_the_world() -> None:
    result = a_result()
    moved = result.accounts.with_columns(pl.col("latitude") + 6, pl.col("longitude") + 105)
    centres = result.territories.with_columns(pl.col("latitude") + 6, pl.col("longitude") + 105)
    drawn = territory_map(replace(result, accounts=moved, territories=centres, areas=result.areas.clear()))

    assert drawn.svg.count("<circle") == 9
    # The columns of the grid bend on the world's projection, so that three places in one span an area.
    assert drawn.svg.count('class="hull"') == 3
    assert len(set(drawn.colours)) == 3
