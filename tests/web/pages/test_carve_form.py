"""The carve dialog's form: what a document says survives it, and what is typed becomes settings of the document."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from builders.plans import ADA, DOCUMENT, TUESDAY, the_plan
from patchbook.plans import actions as plans
from patchbook.plans import documents
from patchbook.plans.plan import Match, Sizing
from patchbook.plans.resetting import reset
from patchbook.web.pages.workbench import carve_form, carving

CARVE = "{name: Field, people: \"role = 'Rep'\", balance: [potential], compact: true}"
MEASURES = "  potential: {from: revenue_usd, tolerance: 30%}\n"
FULL = """{name: Field, people: "role = 'Rep'", balance: [potential], compact: true, goal: rebalance, fewest: potential,
      seats: [{from: visits, capacity: 1234567.125}, {from: potential, capacity: 900}],
      match: {home: 0.5, incumbency: 2, ramp: 0, contacts: state}}"""
BLOCK = """
      name: Field
      people: "role = 'Rep'"
      seats:   # both count
      - {from: potential, capacity: 900}
      - from: visits
        capacity: 30
      match:
        home: 2
      compact: true"""


class Sent(HTMLParser):
    """What a browser would send of the form of a carve, untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.form: dict[str, str] = {}
        self.select: str | None = None
        self.option: str | None = None

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "input" and (told.get("type") != "checkbox" or "checked" in told):
            self.form[told.get("name") or ""] = told.get("value") or ""
        elif tag == "select":
            self.select = told["name"]
        elif tag == "option" and self.select and ("selected" in told or self.select not in self.form):
            self.form[self.select] = told.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None


@pytest.fixture
def company(market):
    return market


def document_with(carve):
    document = DOCUMENT.replace(CARVE, carve)
    assert carve in document
    return document.replace(MEASURES, MEASURES + "  visits: {from: revenue_usd / 10, tolerance: 40%}\n")


@pytest.fixture
def opened(company, visitor):
    """Opens the dialog of the plan with another document, and gives what it sends untouched, and its page."""
    client, plan = visitor("ada"), the_plan(company)

    def build(document):
        with company.writing() as tx:
            plans.change_document(tx, plan.plan_id, document, revision=None, by=ADA, at=TUESDAY)
        sent = Sent()
        text = client.get(f"/plans/{plan.plan_id}/carve", headers={"HX-Request": "true"}).text
        sent.feed(text[text.index("<form") : text.index("</form>")])
        with company.reading() as tx:
            page = carving.load(tx, plan.plan_id, client.app.state.jobs, by=ADA, at=TUESDAY)
        return sent.form, page

    return build


def changed(page, form):
    """The carve layer of the document after the form was sent."""
    settings = carve_form.settings_of(page.plan, page.document, page.layers, form)
    return documents.parsed(reset(page.plan.document, settings)).layers[1]


@pytest.mark.parametrize(
    "carve",
    [CARVE, FULL, BLOCK, FULL.replace("match: {home: 0.5, incumbency: 2, ramp: 0, contacts: state}", "match: {}")],
)
def test_a_plan_opened_in_the_form_and_sent_is_the_same_plan(opened, carve):
    form, page = opened(document_with(carve))

    assert carve_form.settings_of(page.plan, page.document, page.layers, form) == {}


def test_a_capacity_that_is_typed_sizes_the_layer_and_one_that_is_emptied_does_not(opened):
    form, page = opened(document_with(CARVE))

    assert changed(page, {**form, "layer.1.capacity.potential": "1,800"}).seats == Sizing(
        measure="potential", capacity=1800.0
    )
    both = {**form, "layer.1.capacity.potential": "1800", "layer.1.capacity.visits": "12.5"}
    assert [one.measure for one in changed(page, both).seats] == ["potential", "visits"]
    form, page = opened(document_with(BLOCK))
    assert changed(page, {**form, "layer.1.capacity.visits": ""}).seats == Sizing(measure="potential", capacity=900.0)
    none = {**form, "layer.1.capacity.visits": "", "layer.1.capacity.potential": ""}
    assert changed(page, none).seats == "from people"
    assert changed(page, {**none, "layer.1.seats": "4"}).seats == 4


def test_matching_is_switched_on_weighed_and_switched_off(opened):
    form, page = opened(document_with(CARVE))

    assert changed(page, {**form, "layer.1.match": "yes"}).match == Match()
    weighed = {**form, "layer.1.match": "yes", "layer.1.match.ramp": "0", "layer.1.match.contacts": "state"}
    assert changed(page, weighed).match == Match(ramp=0.0, contacts="state")
    form, page = opened(document_with(FULL))
    assert changed(page, {**form, "layer.1.match.home": "3"}).match == Match(
        home=3.0, incumbency=2.0, ramp=0.0, contacts="state"
    )
    del form["layer.1.match"]
    assert changed(page, form).match is None


def test_what_moves_least_is_chosen(opened):
    form, page = opened(document_with(CARVE))

    layer = changed(page, {**form, "layer.1.goal": "rebalance", "layer.1.fewest": "visits"})
    assert (layer.goal, layer.fewest) == ("rebalance", "visits")
    form, page = opened(document_with(FULL))
    layer = changed(page, {**form, "layer.1.goal": "carve", "layer.1.fewest": ""})
    assert (layer.goal, layer.fewest) == ("carve", None)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("capacity.potential", "0", "'0' is no number for what a seat carries of potential; write it as 1800 or 2.5."),
        ("capacity.potential", "nan", "'nan' is no number"),
        ("match.home", "-1", "'-1' is no number for the weight of “Way from home”"),
    ],
)
def test_what_is_no_amount_is_refused(opened, field, typed, message):
    form, page = opened(document_with(CARVE))

    with pytest.raises(carve_form.BadSetting, match=message):
        changed(page, {**form, "layer.1.match": "yes", f"layer.1.{field}": typed})
