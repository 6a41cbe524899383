"""Writes the pages of the reference that are made from the code; `--check` says which of them are out of date.

A new command, option, error, move or constraint is on its page once it is in the code and `make reference` was run;
until then `tests/test_docs.py` fails.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rest_api
import typer.main
import web_app

import patchbook
from patchbook import errors
from patchbook.cli import COMMANDS
from patchbook.cli.app import app
from patchbook.plans.studies import STUDIES

PAGES = Path(__file__).resolve().parent.parent / "docs" / "reference"
MADE = "<!-- Made from the code by `make reference`; change the code instead. -->"

COMMANDS_HEAD = f"""# Commands

{MADE}

Every command says the same with `--help`. `patchbook --version` prints the version.

| Exit code | |
|---|---|
| 0 | done |
| 1 | no answer meets every constraint; the best that was found is written |
| 2 | the input is wrong; one sentence says what was found and what would be right |
| 130 | interrupted; nothing is half-written |
"""

ERRORS_HEAD = f"""# Errors

{MADE}

Everything Patchbook refuses is a `PatchbookError` of one of five kinds, by what you can do about it. The message is one
sentence: what was found, where, and what would be right. The command line prints it as it is, and exits with 1 for
`Infeasible` and with 2 for the others.

```python
import patchbook as pb

try:
    pb.Plan.load("no-such-plan.yaml")
except pb.PatchbookError as error:
    print(error)
```
"""

ENGINE_HEAD = f"""# Parts of the engine

{MADE}

Each part is one file and one line in a list, so that another can be added beside it. How they work together is
explained in {{doc}}`../explanation/engine`.
"""


def main() -> int:
    """Write every page, or with `--check` name those that differ from the code."""
    stale = []
    for name, page in WRITERS.items():
        path, text = PAGES / name, page()
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"docs/reference/{name} differs from the code; run `make reference`.", file=sys.stderr)
    return 1 if stale else 0


def command_page() -> str:
    """Every command with its arguments and options."""
    for command in COMMANDS:
        importlib.import_module(f"patchbook.cli.{command}")
    sections = [command_section(name, command) for name, command in commands(typer.main.get_command(app), "patchbook")]
    return "\n".join([COMMANDS_HEAD, *sections])


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words that call it."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for part, below in command.commands.items():
        yield from commands(below, f"{name} {part}")


def command_section(name: str, command: Any) -> str:
    """One command: how it is called, what it does, and each parameter in a row."""
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    called = [name, *(metavar(argument) for argument in arguments), *(["[OPTIONS]"] if options else [])]
    rows = [(f"`{argument.metavar or argument.name.upper()}`", argument) for argument in arguments]
    rows += [(", ".join(f"`{flag}`" for flag in (*option.opts, *option.secondary_opts)), option) for option in options]
    table = [f"| {shown} | {about(parameter)} |" for shown, parameter in rows]
    return "\n".join(
        [f"## {name}\n", f"```text\n{' '.join(called)}\n```\n", paragraphs(command.help), ROW_HEAD, *table, ""]
    )


ROW_HEAD = "| | |\n|---|---|"


def metavar(argument: Any) -> str:
    """An argument as usage shows it."""
    shown = str(argument.metavar or argument.name.upper())
    return shown if argument.required else f"[{shown}]"


def about(parameter: Any) -> str:
    """The help of a parameter, and its default where it has one worth saying."""
    help_text = " ".join((getattr(parameter, "help", None) or "").split())
    if parameter.param_type_name == "option" and parameter.required:
        return f"{help_text} Required."
    default = parameter.default
    if default is None or default is False or default == () or callable(default):
        return help_text
    if default is True:
        return f"{help_text} Default: `{parameter.opts[0]}`."
    return f"{help_text} Default: `{default}`."


def error_page() -> str:
    """Every error below its kind."""
    for module in pkgutil.walk_packages(patchbook.__path__, "patchbook."):
        importlib.import_module(module.name)
    parts = [ERRORS_HEAD]
    for kind in (errors.BadInput, errors.NotFound, errors.Conflict, errors.NotAllowed, errors.Infeasible):
        parts.append(f"## {kind.__name__}\n\n{paragraphs(kind.__doc__)}")
        rows = [f"| `{error.__name__}` | `{error.__module__}` | {first_paragraph(error)} |" for error in below(kind)]
        if rows:
            parts.append("\n".join(["| Error | Where | When |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def below(kind: type) -> list[type]:
    """Every error derived from this one, by name."""
    found = {error for child in kind.__subclasses__() for error in (child, *below(child))}
    return sorted(found, key=lambda error: (error.__name__, error.__module__))


LISTS = (
    ("Constructions", "construct", "CONSTRUCTIONS", "How a first assignment is made; the first that fits is taken."),
    ("Moves", "improve", "MOVES", "How an assignment is improved, in the order a sweep tries them."),
    ("Constraints", "constraints", "CONSTRAINTS", "What every assignment is held to."),
    ("Bounds", "bounds", "BOUNDS", "Proofs of how good an assignment can be at best; the largest counts."),
    ("Stopping", "stop", "CRITERIA", "When a search ends."),
)
"""Title, folder of the engine, list in it, what the list holds."""


def engine_page() -> str:
    """Every part of the engine that stands in a list."""
    parts = [ENGINE_HEAD]
    for title, folder, name, about_list in LISTS:
        parts.append(f"## {title}\n\n{about_list} The list is `patchbook.carving.{folder}.{name}`.\n")
        listed = getattr(importlib.import_module(f"patchbook.carving.{folder}"), name)
        rows = [
            f"| `{named(part)}` | {first_paragraph(part if inspect.isroutine(part) else as_class(part))} |"
            for part in listed
        ]
        parts.append("\n".join(["| Part | What it does |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


STUDIES_HEAD = f"""# Studies

{MADE}

A study asks what the engine knows beyond a plan's carve, and changes nothing of it. Ask in the terminal with
`patchbook study NAME PLAN.yaml` or `patchbook plan study PLAN NAME`, on a plan's page under Studies, or by the API. How
to is in {{doc}}`../how-to/ask-a-study`.
"""


def studies_page() -> str:
    """Every study with its question and its choices."""
    parts = [STUDIES_HEAD]
    for study in STUDIES:
        about_study = paragraphs(sys.modules[type(study).__module__].__doc__)
        parts.append(f"## {study.title}\n\n`{study.name}`: *{study.question}*\n\n{about_study}")
        if study.choices:
            rows = [
                f"| `{choice.name}` | {choice.says} | {f'`{choice.default}`' if choice.default else 'nothing'} |"
                for choice in study.choices
            ]
            parts.append("\n".join(["| Choice | | Default |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def named(part: Any) -> str:
    """The name a part is known by in code."""
    return str(part.__name__) if inspect.isroutine(part) else as_class(part).__name__


def as_class(part: Any) -> type:
    """The class of a part that is listed as an instance, or the class that is listed itself."""
    return part if inspect.isclass(part) else type(part)


def first_paragraph(thing: Any) -> str:
    """The docstring up to its first empty line, on one line."""
    return paragraphs(thing.__doc__).split("\n\n")[0].replace("|", "\\|").strip()


def paragraphs(text: str | None) -> str:
    """Text with each paragraph on one line, ending in an empty line."""
    told = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in told) + "\n"


WRITERS: dict[str, Callable[[], str]] = {
    "cli.md": command_page,
    "errors.md": error_page,
    "engine.md": engine_page,
    "studies.md": studies_page,
    "rest-api.md": lambda: rest_api.operations_page(MADE),
    "openapi.json": rest_api.openapi,
    "web-app.md": lambda: web_app.web_app_page(MADE),
}
"""Page → what writes it."""

if __name__ == "__main__":
    sys.exit(main())
