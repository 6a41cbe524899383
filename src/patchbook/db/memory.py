"""The last few things worked out, kept in memory under keys that never come to mean anything else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Memory(Generic[Made]):
    """The last few things made, each made once; what is asked for twice at once is made for both."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def has(self, key: Hashable) -> bool:
        """Whether something is kept under the key."""
        return key in self._found

    def forget(self, key: Hashable) -> None:
        """Make it anew when it is asked for again."""
        with self._lock:
            self._found.pop(key, None)

    def forget_all(self) -> None:
        """Make everything anew."""
        with self._lock:
            self._found.clear()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is kept under the key, made where it is not."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        with self._lock:
            self._found[key] = made
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return made
