"""Self-contained HTML pages from templates: safe text, no script, nothing from outside.

Everything that a student may have written goes through `plain` or a `TextBudget` and is then
escaped by Jinja. A page carries a Content-Security-Policy that allows its own style sheet (by
hash) and inline PNG pictures, and nothing else.
"""

import base64
import functools
import hashlib
import os
import re
import tempfile
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.scratch import make_private

_TERMINAL_CODES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
)
_TICKED = re.compile(r"`([^`\n]{1,100})`")
_NEW_LINES = re.compile(r"\r\n?")
# Control characters, marks that reorder text, and lone surrogates (UTF-8 cannot hold those).
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e"
    "\u2028\u2029\u2066-\u2069\ufeff\ud800-\udfff]"
)
REPLACEMENT = "\ufffd"


def plain(text: str, characters: int = 2000) -> str:
    """Make foreign text fit to be shown: no terminal codes, no invisible or reordering characters.

    The result is still plain text; escaping it for HTML is the template's work.

    Args:
        text: any string, however strange.
        characters: the longest result, apart from the remark that something was cut.

    Returns:
        The text, with what cannot be shown replaced by U+FFFD.
    """
    scanned = _TERMINAL_CODES.sub("", text[: 4 * characters + 1000])
    shown = _UNPRINTABLE.sub(REPLACEMENT, _NEW_LINES.sub("\n", scanned))
    cut = len(shown) - characters + max(0, len(text) - 4 * characters - 1000)
    if cut <= 0:
        return shown
    return f"{shown[:characters]} … ({cut} characters more)"


class TextBudget:
    """How much foreign text one page may still take, counted in bytes of escaped HTML.

    Args:
        size: bytes for the whole page.
    """

    def __init__(self, size: int) -> None:
        self.left = size

    def take(self, text: str, characters: int = 2000) -> str:
        """Clean a text and take it from the budget.

        Args:
            text: any string.
            characters: the longest result wanted.

        Returns:
            The cleaned text, shorter where the budget asks for it.
        """
        shown = plain(text, characters)
        if self._cost(shown) > self.left:
            # No character costs more than six bytes once it is escaped and encoded.
            shown = (
                plain(text, self.left // 6) if self.left >= 600 else "(left out: the page is full)"
            )
        self.left = max(0, self.left - self._cost(shown))
        return shown

    def spend(self, html: Markup) -> bool:
        """Take safe HTML from the budget, if there is room for all of it.

        Args:
            html: what would be shown.

        Returns:
            Whether it fits.
        """
        cost = len(html.encode("utf-8"))
        if cost > self.left:
            return False
        self.left -= cost
        return True

    @staticmethod
    def _cost(text: str) -> int:
        return len(str(escape(text)).encode("utf-8"))


def format_points(value: float) -> str:
    """Write points as people do: 3, 2.5, 1.33.

    Args:
        value: points.

    Returns:
        The number with at most two decimals and no trailing zeros.
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def ticks(text: str) -> Markup:
    """Escape a text and set what stands between back-ticks as code.

    Args:
        text: plain text.

    Returns:
        Safe HTML.
    """
    return Markup(_TICKED.sub(r"<code>\1</code>", str(escape(text))))


def breakable(identifier: str) -> Markup:
    """Escape a name and let a narrow page break it after an underscore, not within a word.

    Args:
        identifier: a name such as `logistic_loss_and_gradient`.

    Returns:
        Safe HTML.
    """
    return Markup(str(escape(identifier)).replace("_", "_<wbr>"))


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ticks"] = ticks
    environment.filters["breakable"] = breakable
    environment.filters["points"] = format_points
    environment.filters["signed"] = lambda value: f"{value:.2f}".replace("-", "−")
    environment.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    return environment


@functools.cache
def _style() -> str:
    return (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")


def content_security_policy() -> str:
    """The policy of every page: its own style sheet and inline pictures, nothing else.

    Returns:
        The text for the `Content-Security-Policy` meta element.
    """
    digest = base64.b64encode(hashlib.sha256(_style().encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def render(template: str, generator: str, **values: object) -> str:
    """Render a page.

    Args:
        template: file name in `autograder/templates`.
        generator: the command that makes this page again.
        **values: what the template shows; every string is escaped.

    Returns:
        The whole HTML document.
    """
    return (
        _environment()
        .get_template(template)
        .render(
            policy=content_security_policy(), style=Markup(_style()), generator=generator, **values
        )
    )


def write_page(path: Path, page: str) -> Path:
    """Write a page so that at any moment either the old or the new one is there, whole.

    Args:
        path: where it belongs; folders on the way are made, readable by their owner only.
        page: the HTML document.

    Returns:
        The path.
    """
    make_private(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
