"""Studies of a plan on pages: what can be asked, asking, and what was told."""

from __future__ import annotations

import time

import pytest

from builders.plans import ADA, TUESDAY, a_draft, the_plan
from patchbook.plans import asking
from patchbook.plans.studies import STUDIES
from patchbook.plans.studies.study import Column, Table
from patchbook.web.pages.studies import ROWS, _shown, cards, load
from patchbook.web.studying import STUDY


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def plan(company):
    return the_plan(company)


@pytest.fixture
def answer(company, plan):
    """Balance, asked before."""
    with company.reading() as tx:
        prepared = asking.prepare_study(tx, plan.plan_id, "balance", {}, by=ADA, at=TUESDAY)
    return prepared.run()


def until(true):
    """Wait, half a minute at most, for what is done beside the request."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


def page(record, plan_id, **asked):
    with record.reading() as tx:
        return load(tx, plan_id, "balance", by=ADA, at=TUESDAY, **asked)


def test_every_study_has_a_card_with_its_question_and_what_it_told_last(company, plan, answer):
    with company.reading() as tx:
        shown = {card.name: card for card in cards(tx, plan.plan_id, by=ADA, at=TUESDAY)}

    assert list(shown) == [study.name for study in STUDIES]
    assert shown["balance"].says == answer.found.says[0]
    assert shown["balance"].asked_at == TUESDAY


def test_a_study_is_asked_by_a_form_looked_at_and_leaves_the_plan_as_it_is(visitor, app, company, plan):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/studies/balance"
    assert "not asked yet" in client.get(address).text

    sent = client.post(address, data={"choice.measure": "potential", "other": "x"})
    assert (sent.status_code, sent.headers["location"]) == (303, address)
    assert set(client.get(f"{address}/progress").json()) == {"is_over", "says"}
    until(lambda: client.get(f"{address}/progress").json()["is_over"])

    shown = page(company, plan.plan_id)
    assert shown.chosen == {"measure": "potential"}
    assert shown.by_name == "Ada Plan"
    text = client.get(address).text
    assert shown.says[0].split(":")[0] in text
    assert '<svg class="study-chart"' in text
    assert 'value="potential"' in text
    assert " style=" not in text
    assert the_plan(company) == plan
    overview = client.get(f"/plans/{plan.plan_id}/studies").text
    assert "How fair is the carve" in overview
    dialog = client.get(f"/plans/{plan.plan_id}/carve").text
    assert f'href="{address}"' in dialog
    assert "What this carve knows" in dialog


def test_a_wrong_choice_is_refused_and_nothing_begins(visitor, app, plan):
    sent = visitor("ada").post(f"/plans/{plan.plan_id}/studies/balance", data={"choice.luck": "7"})

    assert sent.status_code == 422
    assert "has no choice" in sent.text
    assert app.state.jobs.of(STUDY, plan.plan_id) == []


def test_what_the_study_itself_refuses_is_said_on_its_page(visitor, plan):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/studies/balance"

    client.post(address, data={"choice.measure": "luck"})
    until(lambda: client.get(f"{address}/progress").json()["is_over"])

    assert "balances no measure &#39;luck&#39;" in client.get(address).text


def test_one_study_of_a_plan_at_a_time_and_it_can_be_stopped(visitor, app, plan):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/studies/balance"
    waiting = app.state.jobs.add(STUDY, plan.plan_id, by="ada", at=TUESDAY)
    waiting.outcome = "balance"

    again = client.post(address, data={})

    assert again.status_code == 409
    assert "under way already" in again.text
    assert "<job-progress" in client.get(address).text
    client.post(f"{address}/stop")
    assert waiting.stop.is_set()


def test_the_answers_with_other_choices_are_led_to(company, plan, answer):
    with company.reading() as tx:
        asking.prepare_study(tx, plan.plan_id, "balance", {"measure": "potential"}, by=ADA, at=TUESDAY).run()

    newest, other = page(company, plan.plan_id), page(company, plan.plan_id, asked=answer.key)

    assert newest.chosen == {"measure": "potential"}
    assert newest.others[0][0].endswith(f"?asked={answer.key}")
    assert other.chosen == {"measure": ""}
    assert page(company, plan.plan_id, asked="nothing").answer is None


def test_a_table_comes_as_csv(visitor, plan, answer):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/studies/balance/tables"

    told = client.get(f"{address}/loads.csv")

    assert told.headers["content-type"].startswith("text/csv")
    assert told.text.splitlines()[0] == "layer,territory,measure,load,target,off_share"
    assert client.get(f"{address}/luck.csv").status_code == 404


def test_a_plan_without_a_carve_says_what_to_do_and_a_study_there_is_not_is_not_there(visitor, company, plan):
    client, draft = visitor("ada"), a_draft(company, name="Next")

    assert "not carved yet" in client.get(f"/plans/{draft.plan_id}/studies").text
    assert "not carved yet" in client.get(f"/plans/{draft.plan_id}/studies/balance").text
    assert client.post(f"/plans/{draft.plan_id}/studies/balance", data={}).status_code == 409
    assert client.get(f"/plans/{plan.plan_id}/studies/luck").status_code == 404


LONG = Table(
    name="moves",
    title="Moves",
    columns=(Column(name="who", says="Who"), Column(name="off", says="Off", unit="share")),
    rows=tuple((f"T{number}", None if number == 7 else number / 100) for number in range(120)),
)


def shown(sort="", at=""):
    return _shown(LONG, "/here", "", sort, at)


def test_a_long_table_is_paged_and_the_pages_lead_on():
    first, last = shown(), shown(at="moves:5")

    assert (len(first.rows), first.first, first.all_rows, first.before) == (ROWS, 1, 120, None)
    assert first.after == "/here?page=moves%3A2#table-moves"
    assert (len(last.rows), last.first, last.after) == (20, 101, None)
    assert shown(at="moves:99").first == 101
    assert shown(at="other:2").first == 1


def test_a_column_that_names_the_same_carve_in_every_row_is_left_to_the_files():
    columns = (Column(name="layer", says="Carve"), Column(name="off", says="Off", unit="share"))

    def headings(*layers):
        table = Table(name="t", title="T", columns=columns, rows=tuple((layer, 0.1) for layer in layers))
        return [one.says for one in _shown(table, "/here", "", "", "").headings]

    assert headings("Field", "Field") == ["Off"]
    assert headings("Field", "Inside") == ["Carve", "Off"]


def test_a_table_is_sorted_by_a_column_and_back_with_nothing_last():
    down = shown(sort="moves:off:down")
    up = shown(sort="moves:off")

    assert [row[0] for row in down.rows[:2]] == ["T119", "T118"]
    assert [row[0] for row in up.rows[:2]] == ["T0", "T1"]
    assert shown(sort="moves:off", at="moves:5").rows[-1] == ("T7", "–")
    assert (down.headings[1].sorted, up.headings[1].sorted, up.headings[0].sorted) == (
        "descending", "ascending", "none",
    )  # fmt: skip
    assert up.headings[1].href.startswith("/here?sort=moves%3Aoff%3Adown")
    assert down.after == "/here?sort=moves%3Aoff%3Adown&page=moves%3A2#table-moves"
    assert shown(sort="moves:nothing").rows == shown().rows
