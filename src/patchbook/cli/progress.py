"""How far long work is, on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_line(name: str) -> Iterator[Callable[[str, float], None]]:
    """
    What to call with a phase and the share that is done, 0 to 1, as work goes on.

    It shows a line on the terminal, and nothing where there is none.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.fields[name]}: {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as line:
        task = line.add_task("reading", total=1.0, name=name)

        def tell(phase: str, done: float) -> None:
            line.update(task, description=phase, completed=done)

        yield tell
