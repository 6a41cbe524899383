"""A plan as the YAML a person would write: what is as by default is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from patchbook.plans.plan import (
    Assertion,
    CarveLayer,
    Group,
    HouseLayer,
    Keep,
    Layer,
    Lock,
    Match,
    Mix,
    NamedLayer,
    Plan,
    PlanMeasure,
    RuleLayer,
    Sizing,
    TableFile,
    Touching,
)
from patchbook.plans.setting import Kind, Where
from patchbook.plans.settings import settings_of

_WHERE: Mapping[type, Where] = {
    Plan: "a plan",
    PlanMeasure: "a measure",
    NamedLayer: "a named layer",
    RuleLayer: "a rule",
    CarveLayer: "a carve",
    Keep: "keep",
    Sizing: "seats",
    Mix: "mix",
    Touching: "contiguous",
    Match: "match",
    HouseLayer: "house",
    Lock: "a lock",
    Assertion: "an assertion",
    Group: "a group",
    TableFile: "a list or table",
}
_LAYER_KEY: Mapping[type, str] = {NamedLayer: "named", RuleLayer: "rule", CarveLayer: "carve", HouseLayer: "house"}


def dump(plan: Plan) -> str:
    """The plan as YAML; reading it gives the same plan (lines and file aside)."""
    return yaml.safe_dump(_settings(plan), sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)


def _settings(part: Any) -> dict[str, Any]:
    """The settings of one part that are not as by default, in the order of the reference."""
    attributes = {attribute.name: attribute for attribute in fields(part)}
    written: dict[str, Any] = {}
    for name, setting in settings_of(_WHERE[type(part)]).items():
        attribute = attributes[setting.attribute or name]
        value = getattr(part, attribute.name)
        default = attribute.default if attribute.default is not MISSING else _made(attribute.default_factory)
        if value != default:
            written[name] = _written(value, setting.kind)
    return written


def _written(value: Any, kind: Kind) -> Any:
    if kind == "share":
        return _share(value)
    if kind == "fields and weights" and set(value.values()) == {1.0}:
        return list(value)
    return _plain(value)


def _made(factory: Any) -> Any:
    return MISSING if factory is MISSING else factory()


def _plain(value: Any) -> Any:
    if isinstance(value, NamedLayer | RuleLayer | CarveLayer | HouseLayer):
        return _layer(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Group):
        return {group.name: _settings(group) for group in value}
    if isinstance(value, TableFile) and value == TableFile(file=value.file):
        return str(value.file)
    if isinstance(value, tuple) and value and isinstance(value[0], PlanMeasure):
        return {measure.name: {"from": measure.source, **_settings(measure)} for measure in value}
    if type(value) in _WHERE:
        return _settings(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value if not (isinstance(item, RuleLayer) and item.catches_all)]
    if isinstance(value, Path):
        return str(value)
    return value if isinstance(value, bool | int | float | str | date) else str(value)


def _layer(layer: Layer) -> dict[str, Any]:
    settings = _settings(layer)
    if isinstance(layer, HouseLayer) and not settings:
        return {"house": "rest"}
    if isinstance(layer, NamedLayer) and list(settings) == ["file"]:
        return {"named": settings["file"]}
    return {_LAYER_KEY[type(layer)]: settings}


def _share(value: float) -> str | float:
    """15 % rather than 0.15, where both mean the same number."""
    percent = f"{value * 100:.10g}"
    return f"{percent}%" if float(percent) / 100 == value else value
