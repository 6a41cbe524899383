"""A condition with one part in the place of another."""

from __future__ import annotations

from patchbook.rules.condition import All, Any, Condition, Not


def replaced(condition: Condition, old: Condition, new: Condition) -> Condition:
    """The condition, with every part that equals the old one changed for the new one."""
    if condition == old:
        return new
    if isinstance(condition, Not):
        return Not(replaced(condition.condition, old, new))
    if isinstance(condition, All | Any):
        return type(condition)(tuple(replaced(part, old, new) for part in condition.conditions))
    return condition
