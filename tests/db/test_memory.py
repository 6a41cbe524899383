"""What is worked out once and kept for a while."""

from __future__ import annotations

from patchbook.db.memory import Memory


def test_a_thing_is_made_once_and_the_one_not_asked_for_longest_goes_first():
    made: list[str] = []
    memory: Memory[str] = Memory(2)

    def ask(key: str) -> str:
        return memory.get(key, lambda: made.append(key) or key.upper())

    assert [ask(key) for key in "abacab"] == ["A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"]


def test_what_is_forgotten_is_made_again():
    memory: Memory[str] = Memory(2)
    made = [memory.get(key, lambda: "first") for key in "ab"]

    memory.forget("a")
    memory.forget("z")

    assert made == ["first", "first"]
    assert [memory.get(key, lambda: "second") for key in "ab"] == ["second", "first"]
    memory.forget_all()
    assert memory.get("b", lambda: "third") == "third"
