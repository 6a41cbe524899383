"""A YAML text as nodes that know their line, or the problem that keeps it from being read."""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml

from patchbook.plans.problems import Problem

Node: TypeAlias = yaml.nodes.Node
Mapping: TypeAlias = yaml.nodes.MappingNode
Sequence: TypeAlias = yaml.nodes.SequenceNode
Scalar: TypeAlias = yaml.nodes.ScalarNode

QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""LibYAML where PyYAML was built with it: four times as fast."""

MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 20


class Unreadable(Exception):
    """The text is not YAML as plans use it; holds the one problem."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.problem = Problem(message=message, line=line, rank=0)


def compose(
    text: str, *, what: str = "plan", empty: str = "the plan is empty; it needs at least plan, accounts and layers"
) -> Node:
    """
    The root node of a YAML text.

    Parameters
    ----------
    what, empty
        What kind of file it is, and what is said of one with nothing in it.
    """
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"the file has {len(text):,} characters; a {what} has at most {MAX_CHARACTERS:,}", None)
    _refuse_tabs(text)
    if "\t" not in text:  # which LibYAML lets stand in more places
        try:
            return _composed(text, QUICK, what, empty)
        except yaml.YAMLError:
            pass  # the one written in Python says better what is wrong
    return _composed(text, yaml.SafeLoader, what, empty)


def line_of(node: Node) -> int:
    """The line a node begins at, counted from 1."""
    return int(node.start_mark.line) + 1


def is_in_brackets(node: Node) -> bool:
    """Whether a mapping or list is written in brackets, on a line or over several."""
    return bool(getattr(node, "flow_style", False))


def end_of(text: str, node: Node) -> int:
    """Where the last thing written in a node ends; the node itself goes on over comments to what comes next."""
    while not isinstance(node, Scalar) and not is_in_brackets(node) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.index
    while isinstance(node, Scalar) and node.style in ("|", ">") and end > node.start_mark.index:
        before = text.rfind("\n", 0, end - 1) + 1
        if text[before:end].strip() and not text[before:end].startswith("#"):
            break
        end = before
    while end > 0 and text[end - 1] in " \r\n":
        end -= 1
    return end


def _composed(text: str, loader: Any, what: str, empty: str) -> Node:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise Unreadable(f"more than {MAX_DEPTH} levels are nested", _line(event))
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise Unreadable(f"anchors (&) and aliases (*) are not used in {what}s", _line(event))
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        if loader is not yaml.SafeLoader:
            raise
        mark = error.problem_mark or error.context_mark
        raise Unreadable(_sentence(error), mark.line + 1 if mark else None) from None
    except yaml.YAMLError as error:
        if loader is not yaml.SafeLoader:
            raise
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else None
        raise Unreadable("a character here is not allowed in YAML", line) from None
    if root is None:
        raise Unreadable(empty, None)
    return root


def _line(event: yaml.Event) -> int | None:
    return None if event.start_mark is None else int(event.start_mark.line) + 1


def _refuse_tabs(text: str) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise Unreadable("the line is indented with a tab; YAML wants spaces", number)


def _sentence(error: yaml.MarkedYAMLError) -> str:
    """What is wrong, in words that help somebody who does not know YAML's grammar."""
    problem = (error.problem or "the text cannot be read").replace("'<", "'").replace(">'", "'")
    if "mapping values are not allowed" in problem:
        return "a ':' stands where none is expected; put text that holds a colon in quotes, and check the indentation"
    if "could not find expected ':'" in problem:
        return "a ':' is missing after a setting's name, or a bracket or quote before it is not closed"
    if "found character '\\t'" in problem:
        return "a tab stands where YAML wants spaces"
    if "expected <block end>" in problem or "block end" in problem:
        return "the indentation does not match the lines above; settings of one part start in one column"
    if "unexpected end of stream" in problem or "stream end" in problem:
        return "a quote or bracket is opened and never closed"
    if "expected ',' or" in problem:
        return "a ',' or a closing bracket is missing; put text that holds a comma or a colon in quotes"
    return f"this is not YAML: {problem}"
