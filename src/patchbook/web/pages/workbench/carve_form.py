"""The form of a carve: what it shows of a plan's document, and which settings of the document it asks to change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from patchbook.errors import BadInput
from patchbook.plans.life import RecordedPlan
from patchbook.plans.plan import CarveLayer, Match, Plan, RuleLayer
from patchbook.plans.resetting import Path

AS_BEFORE = "from people"
OWN_AREAS = "own areas"
"""What the form says where the document names a file of areas."""
WEIGHTS = (
    ("home", "Way from home"),
    ("incumbency", "Accounts of today"),
    ("relationships", "Open deals and contacts"),
    ("affinity", "Skills"),
    ("ramp", "New to the job"),
)
"""The weights of `match`, as the form calls them."""


class BadSetting(BadInput):
    """A setting of the carve cannot be meant."""


@dataclass(frozen=True, kw_only=True)
class LayerSettings:
    """What can be set of one carve layer."""

    number: int
    """Among the layers of the document."""
    layer: CarveLayer

    @property
    def seats(self) -> str:
        """As it is written; nothing where measures say how many."""
        return str(self.layer.seats) if isinstance(self.layer.seats, int | str) else ""

    @property
    def capacities(self) -> Mapping[str, str]:
        """Measure → what one seat can carry of it, where the layer is sized by it."""
        return {sizing.measure: written(sizing.capacity) for sizing in self.layer.sizings}

    @property
    def similar(self) -> str:
        """Fields and weights as one types them: `industry, employees = 2`."""
        return ", ".join(
            field if weight == 1 else f"{field} = {weight:g}" for field, weight in self.layer.similar.items()
        )

    @property
    def weights(self) -> tuple[tuple[str, str, str], ...]:
        """The weights of matching people to territories: name, words, value."""
        match = self.layer.match or Match()
        return tuple((name, words, written(getattr(match, name))) for name, words in WEIGHTS)


def layers_of(document: Plan) -> tuple[LayerSettings, ...]:
    """The carve layers of a document, numbered as they stand in it."""
    stated = [layer for layer in document.layers if not (isinstance(layer, RuleLayer) and layer.catches_all)]
    return tuple(
        LayerSettings(number=number, layer=layer)
        for number, layer in enumerate(stated)
        if isinstance(layer, CarveLayer)
    )


def settings_of(
    plan: RecordedPlan, document: Plan, layers: tuple[LayerSettings, ...], form: Mapping[str, Any]
) -> dict[Path, Any]:
    """The settings a form asks for that the document does not have yet; what the form has no field for stays."""
    found: dict[Path, Any] = {}
    names = tuple(measure.name for measure in document.measures)
    for measure in document.measures:
        if (told := str(form.get(f"tolerance.{measure.name}", ""))).strip():
            wanted = _share(told, f"the tolerance of {measure.name}")
            if abs(wanted - measure.tolerance) > 1e-9:
                found["measures", measure.name, "tolerance"] = f"{wanted * 100:g}%"
    for one in layers:
        if f"layer.{one.number}.there" in form:
            found |= _of_layer(one, names, form)
    if (seconds := str(form.get("seconds", "")).strip()) and _number(seconds, "the time") != plan.seconds:
        found["seconds",] = _plain(_number(seconds, "the time"))
    if (seed := str(form.get("seed", "")).strip()) and whole(seed, "the seed") != plan.seed:
        found["seed",] = whole(seed, "the seed")
    return found


def _of_layer(one: LayerSettings, names: tuple[str, ...], form: Mapping[str, Any]) -> dict[Path, Any]:
    """The same of one carve layer."""
    layer, at, name = one.layer, ("layers", one.number, "carve"), f"layer.{one.number}."
    found: dict[Path, Any] = {}

    def ask(path: Path, now: Any, wanted: Any) -> None:
        if wanted != now:
            found[path] = wanted

    def told(part: str) -> str:
        return str(form.get(f"{name}{part}", "")).strip()

    _ask_seats(one, names, told, ask)
    ask((*at, "vacant"), layer.vacant, whole(told("vacant") or "0", "vacant seats"))
    ask((*at, "compact"), layer.compact, f"{name}compact" in form)
    if told("contiguous") != OWN_AREAS:  # a file of areas is written in the document, and stays as it is
        ask((*at, "contiguous"), layer.contiguous, told("contiguous") or None)
    similar = _similar(told("similar"), layer.name)
    if similar != layer.similar:
        weights = {field: _plain(weight) for field, weight in similar.items()}
        found[*at, "similar"] = (list(weights) if set(weights.values()) <= {1} else weights) or None
    ask((*at, "keep", "families"), layer.keep.families, f"{name}families" in form)
    ask((*at, "keep", "owners"), layer.keep.owners, "prefer" if f"{name}owners" in form else "ignore")
    share = _share(told("moved_at_most"), "the accounts that may move") if told("moved_at_most") else None
    if share != layer.keep.moved_at_most:
        found[*at, "keep", "moved_at_most"] = None if share is None else f"{share * 100:g}%"
    balance = tuple(measure for measure in names if f"{name}balance.{measure}" in form)
    if balance and balance != (layer.balance or names):
        found[*at, "balance"] = list(balance)
    if f"{name}goal" in form:
        ask((*at, "goal"), layer.goal, told("goal"))
        ask((*at, "fewest"), layer.fewest, told("fewest") or None)
    if f"{name}match.there" in form:
        ask((*at, "match"), _match_written(layer.match), _match_asked(name, form))
    return found


def _ask_seats(one: LayerSettings, names: tuple[str, ...], told: Any, ask: Any) -> None:
    """How many seats: by capacities where there are any, in the order they are written, else as the field says."""
    layer, at = one.layer, ("layers", one.number, "carve", "seats")
    now = {sizing.measure: sizing.capacity for sizing in layer.sizings}
    order = [*now, *(measure for measure in names if measure not in now)]
    wanted = {
        measure: _amount(given, f"what a seat carries of {measure}", above=0)
        for measure in order
        if (given := told(f"capacity.{measure}"))
    }
    if wanted:
        sizings = [{"from": measure, "capacity": _plain(capacity)} for measure, capacity in wanted.items()]
        if wanted != now:
            ask(at, None, sizings[0] if len(sizings) == 1 else sizings)
    else:
        ask(at, layer.seats, _seats(told("seats"), layer.name))


def _match_written(match: Match | None) -> dict[str, Any] | None:
    """`match` as a document says it: what is as by default is left out."""
    if match is None:
        return None
    return {
        part.name: _plain(value) if isinstance(value, float) else value
        for part in fields(Match)
        if (value := getattr(match, part.name)) != part.default
    }


def _match_asked(name: str, form: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same as a form asks for it."""
    if f"{name}match" not in form:
        return None
    told = {part: str(form.get(f"{name}match.{part}", "")).strip() for part, _ in WEIGHTS}
    words = dict(WEIGHTS)
    weights = {part: _amount(given, f"the weight of “{words[part]}”") for part, given in told.items() if given}
    return _match_written(Match(**weights, contacts=str(form.get(f"{name}match.contacts", "")).strip() or None))


def _similar(told: str, layer: str) -> dict[str, float]:
    """Fields and weights from what was typed."""
    found: dict[str, float] = {}
    for part in told.split(","):
        field, is_weighted, weight = (piece.strip() for piece in part.partition("="))
        if field:
            found[field] = _number(weight, f"the weight of {field} in {layer}") if is_weighted else 1.0
    return found


def _share(told: str, what: str) -> float:
    return _number(told.replace("%", "").replace(",", ".").strip(), what) / 100


def _number(told: str, what: str) -> float:
    try:
        value = float(told)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise BadSetting(f"{told!r} is no number for {what}; write it as 5 or 2.5.")
    return value


def _amount(told: str, what: str, *, above: float = -1.0) -> float:
    try:
        value = float(told.replace(",", ""))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0 and value > above):
        raise BadSetting(f"{told!r} is no number for {what}; write it as 1800 or 2.5.")
    return value


def written(value: float) -> str:
    """A number as a form shows it, to its last digit."""
    return f"{value:.15g}"


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def whole(told: str, what: str) -> int:
    """A whole number that was typed."""
    if not told.strip().isdecimal() or len(told.strip()) > 9:
        raise BadSetting(f"{told!r} is no whole number of {what}.")
    return int(told)


def _seats(told: str, layer: str) -> int | str:
    told = told.strip()
    return AS_BEFORE if told in ("", AS_BEFORE) else whole(told, f"seats of {layer}")
