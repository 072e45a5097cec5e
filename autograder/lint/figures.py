"""Rules for figures: through `plots`, with words for who does not see them."""

import ast
import re
from collections.abc import Iterator

from autograder.lint.rules import Context, Note, calls, plot_calls, rule

SHORTEST_ALT = 20  # characters

_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\([^)]*\)|<img\b(?P<tag>[^>]*)>")
_OWN_WAYS = {"plt.show", "plt.savefig", "plt.imsave"}
_MAKES_FIGURE = {"plt.subplots", "plt.figure", "plt.subplot_mosaic", "plots.image_grid_figure"}


@rule("figure-shown", "Make it by `figure, axes = plt.subplots(…)`, show it by `plots.show`.")
def figure_shown(context: Context) -> Iterator[Note]:
    """Every figure goes through `plots.show` or `plots.animate`."""
    for cell in context.code:
        shown = any(plot_calls(cell.tree))
        in_functions = {
            id(inner)
            for node in ast.walk(cell.tree)
            if isinstance(node, ast.FunctionDef)
            for inner in ast.walk(node)
        }
        for name, call in calls(cell.tree):
            if name in _OWN_WAYS or name in ("figure.show", "figure.savefig"):
                yield Note(f"`{name}` passes by `plots.show`", cell, call.lineno)
            elif name in _MAKES_FIGURE and not shown and id(call) not in in_functions:
                yield Note("this figure is not shown through `plots.show`", cell, call.lineno)


@rule("alt-text", "Say in `alt` what is to be seen, in a sentence.")
def alt_text(context: Context) -> Iterator[Note]:
    """Every figure has an alternative text that says what is to be seen."""
    for cell in context.plot_cells:
        for call in plot_calls(cell.tree):
            alt = next((k.value for k in call.keywords if k.arg == "alt"), None)
            if alt is None:
                yield Note("no alt text", cell, call.lineno)
            elif isinstance(alt, ast.Constant) and len(str(alt.value).strip()) < SHORTEST_ALT:
                yield Note("the alt text says too little", cell, call.lineno)
    for cell in context.prose:
        for found in _PICTURE.finditer(cell.source):
            if not (found["alt"] or "alt=" in (found["tag"] or "")):
                yield Note("a picture in the text has no alt text", cell)


@rule("figure-demo", "Tag the cell `demo`.")
def figure_demo(context: Context) -> Iterator[Note]:
    """A cell that draws is tagged `demo`."""
    for cell in context.plot_cells:
        if cell.role != "demo":
            yield Note("it draws, and is not tagged `demo`", cell)
