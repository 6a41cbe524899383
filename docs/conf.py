"""How the documentation is built: Markdown by MyST, the look by Furo, formulas as MathML that needs no network."""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

import patchbook

project = "Patchbook"
author = "the Patchbook authors"
copyright = "2026, the Patchbook authors"
release = version = patchbook.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]  # console blocks show what a terminal shows, whatever it is
exclude_patterns = ["_build", "decisions/0000-template.md"]

html_theme = "furo"
html_title = "Patchbook"
html_math_renderer = "mathml"
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Add the formula renderer."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (block_formula, None))


def inline_formula(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula within a line."""
    translator.body.append(to_mathml(node, as_block=False))
    raise nodes.SkipNode


def block_formula(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula of its own."""
    translator.body.append(f'<div class="math">{to_mathml(node, as_block=True)}</div>')
    raise nodes.SkipNode


LEFT_OUT = re.compile(r"\\([bB]igg?[lrm]?|(text|display)style)(?![a-zA-Z])")
"""A browser sizes signs and brackets by itself."""


def to_mathml(node: nodes.Node, *, as_block: bool) -> str:
    """The formula for a browser; one that cannot be converted is a warning, and stays as it was written."""
    formula = LEFT_OUT.sub("", node.astext()).replace(r"\dots", r"\ldots")
    try:
        return str(tex2mathml(formula, as_block=as_block))
    except MathError as error:
        logging.getLogger(__name__).warning("%s in the formula %s", error, formula, location=node)
        return f"<code>{escape(formula)}</code>"
