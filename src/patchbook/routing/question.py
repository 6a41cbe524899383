"""
What a decision asks about the company, so that the answers can be kept and the decision made again.

A stage never reads a database: it asks a `World` a `Question`. The record answers from its tables; `Noted` keeps every
answer it passes on; `Remembered` gives kept answers again, so that any decision can be replayed years later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """One thing a decision may ask; a subclass names its parameters as fields and the type of its answer."""

    name: ClassVar[str]
    answered_by: ClassVar[Any]
    """The type of the answer, which may be any that pydantic reads and writes as JSON."""
    is_settled: ClassVar[bool] = False
    """Whether the answer follows from the plan version and the snapshot alone, so that a replay works it out anew."""

    @cached_property
    def key(self) -> str:
        """What tells this question from every other."""
        asked = {field: getattr(self, field) for field in self.__dataclass_fields__}
        return json.dumps([self.name, asked], sort_keys=True, default=_plain)

    def pack(self, answer: Answer) -> Any:
        """The answer as JSON."""
        return _adapter(self.answered_by).dump_python(answer, mode="json")

    def unpack(self, packed: Any) -> Answer:
        """The answer that was packed."""
        found: Answer = _adapter(self.answered_by).validate_python(packed)
        return found


class World(Protocol):
    """Somebody who knows the company at one instant."""

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer."""
        ...


class Noted:
    """A world that notes what it was asked and what it answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: dict[str, Any] = {}

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer, kept."""
        answer = self.world.ask(question)
        self.answers[question.key] = question.pack(answer)
        return answer


class Remembered:
    """A world of answers kept earlier; what follows from the plan alone is worked out by `settled`."""

    def __init__(self, answers: Mapping[str, Any], settled: World | None = None) -> None:
        self.answers = answers
        self.settled = settled

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer given then."""
        if question.is_settled and self.settled is not None:
            return self.settled.ask(question)
        return question.unpack(self.answers[question.key])


class Once:
    """A world that is asked each question once, though several stages may want to know."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: dict[Question[Any], Any] = {}

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer."""
        if question not in self.answers:
            self.answers[question] = self.world.ask(question)
        found: Answer = self.answers[question]
        return found


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


@lru_cache(maxsize=256)
def _adapter(answered_by: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answered_by)
