"""
What a decision was told, as it is kept: each answer under a keyed digest of its question.

A question holds what the lead said of itself, such as a telephone number, and a decision is kept for ever; so of the
question only a digest stays. Whoever decides again asks the same questions, and finds the same answers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

BESIDES = json.dumps(["besides", {}])
"""Who was not to get the lead and why, kept beside the answers."""


class Beside(StrEnum):
    """Why somebody does not get a lead, whatever the rules say."""

    RETURNED = "returned"
    OVERDUE = "overdue"
    HAD = "had"

    @property
    def says(self) -> str:
        """It after their name."""
        return _BESIDE[self]


_BESIDE: Mapping[Beside, str] = {
    Beside.RETURNED: "gave it back before.",
    Beside.OVERDUE: "had it and did not answer in time.",
    Beside.HAD: "had it before.",
}


def besides_in(answers: Mapping[str, Any]) -> dict[str, Beside]:
    """Who was not to get the lead, and why; where no why was kept, all of them gave it back."""
    kept = answers.get(BESIDES) or {}
    told = kept if isinstance(kept, Mapping) else dict.fromkeys(kept, Beside.RETURNED)
    return {person_id: Beside(why) for person_id, why in told.items()}


def digested(answers: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """The answers as they are kept."""
    return {_name(question, key): answer for question, answer in answers.items()}


def digest_of_answers(answers: Mapping[str, Any]) -> str:
    """What tells these answers from any others."""
    told = json.dumps(answers, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


class Kept(Mapping[str, Any]):
    """Answers that were kept, found by their questions."""

    def __init__(self, answers: Mapping[str, Any], key: bytes) -> None:
        self._answers = answers
        self._key = key

    def __getitem__(self, question: str) -> Any:
        """The answer to a question."""
        return self._answers[_name(question, self._key)]

    def __iter__(self) -> Iterator[str]:
        """The digests of the questions."""
        return iter(self._answers)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._answers)


def _name(question: str, key: bytes) -> str:
    kind = json.loads(question)[0]
    return f"{kind} {hmac.new(key, question.encode(), hashlib.sha256).hexdigest()[:24]}"
