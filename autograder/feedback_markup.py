"""A student's code and markdown as safe HTML.

Code is taken apart by Pygments and put together from escaped pieces. Markdown goes through a parser
that knows no HTML and then through an allow-list; links are text, pictures are their description,
and formulas are put in last, each made from its own allow-list.
"""

import functools
import re
from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import token as kinds
from pygments.lexers.python import PythonLexer

from autograder.feedback_formulas import formula
from autograder.pages import plain

MARKDOWN_CHARACTERS = 20_000
CODE_CHARACTERS = 20_000
FORMULAS = 200

_CLASSES: tuple[tuple[Any, str], ...] = (
    (kinds.Comment, "hl-c"),
    (kinds.String, "hl-s"),
    (kinds.Number, "hl-n"),
    (kinds.Keyword, "hl-k"),
    (kinds.Operator.Word, "hl-k"),
    (kinds.Name.Function, "hl-f"),
    (kinds.Name.Class, "hl-f"),
    (kinds.Name.Decorator, "hl-f"),
)
_TAGS = {
    *("p", "em", "strong", "s", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br"),
    *("h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span"),
}
_ATTRIBUTES = {"ol": {"start"}, "th": {"scope"}}
_BEGIN, _END = "\ue000", "\ue001"  # around the number of a formula; taken out of the text before
_PLACE = re.compile(f"{_BEGIN}([0-9]+){_END}")
_SCHEMES = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)


def code(source: str) -> Markup:
    """Highlight Python.

    Args:
        source: any text.

    Returns:
        Safe HTML for a `pre` element: escaped text, some of it in `span` elements with a class.
    """
    source = plain(source, CODE_CHARACTERS)
    pieces: list[tuple[str, str]] = []
    for kind, text in _lexer().get_tokens(source):
        name = next((name for family, name in _CLASSES if kind in family), "")
        if pieces and (pieces[-1][0] == name or not text.strip()):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + text)
        else:
            pieces.append((name, text))
    return Markup("").join(
        Markup('<span class="{}">{}</span>').format(name, text) if name else escape(text)
        for name, text in pieces
    )


def markdown(source: str) -> Markup:
    """Render markdown with formulas.

    Args:
        source: any text; HTML in it is shown as text.

    Returns:
        Safe HTML: text elements without links, pictures, styles, ids or classes.
    """
    source = plain(source, MARKDOWN_CHARACTERS).replace(_BEGIN, "").replace(_END, "")
    environment: dict[str, Any] = {"formulas": []}
    try:
        html = _parser().render(source, environment)
    except Exception:  # a parser's fault must not cost the page
        return Markup("<pre>{}</pre>").format(source)
    cleaned = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set(), link_rel=None)
    formulas = environment["formulas"]
    return Markup(_PLACE.sub(lambda found: formulas[int(found[1])], cleaned))


def markdown_for_formgrader(source: str) -> str:
    """Render markdown where nbgrader's formgrader does, by the same rules.

    Args:
        source: the text of a cell.

    Returns:
        Safe HTML.
    """
    return str(markdown(source))


@functools.cache
def _lexer() -> PythonLexer:
    return PythonLexer(stripnl=False, ensurenl=False)


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough"])
    dollarmath_plugin(parser, allow_labels=False, double_inline=True)
    amsmath_plugin(parser)
    for rule in ("math_inline", "math_inline_double", "math_block", "amsmath"):
        parser.add_render_rule(rule, _formula)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", lambda *_: "")
    parser.add_render_rule("link_close", _link_close)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("th_open", lambda *_: '<th scope="col">')
    parser.add_render_rule("fence", _fence)
    return parser


def _formula(
    _renderer: Any, tokens: Sequence[Token], index: int, _options: Any, env: dict[str, Any]
) -> str:
    made = env["formulas"]
    tex, block = tokens[index].content, tokens[index].type != "math_inline"
    made.append(formula(tex, block=block) if len(made) < FORMULAS else escape(f"${tex}$"))
    place = f"{_BEGIN}{len(made) - 1}{_END}"
    return f"<p>{place}</p>" if tokens[index].type in ("math_block", "amsmath") else place


def _image(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    shown = tokens[index].content.replace(_BEGIN, "").replace(_END, "")
    return str(escape(f"[picture: {shown}]" if shown else "[picture]"))


def _link_close(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Write a link's address behind its text, where it is one that may be followed."""
    depth = 0
    for before in reversed(tokens[:index]):
        if before.type == "link_close":
            depth += 1
        elif before.type == "link_open" and depth:
            depth -= 1
        elif before.type == "link_open":
            address = str(before.attrs.get("href", ""))
            if before.info == "auto" or not _SCHEMES.fullmatch(address):
                return ""
            return str(escape(f" ({address})"))
    return ""


def _heading(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Put a student's headings below those of the page."""
    token = tokens[index]
    level = min(6, int(token.tag[1]) + 3)
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"


def _fence(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"
