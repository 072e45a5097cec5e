"""Formulas: TeX to MathML, offline, which today's browsers draw by themselves.

What the converter gives is not trusted: it is built anew from a list of allowed elements and
attributes, and a formula that is broken, odd or too long is shown as its source instead.
"""

import re
from html import unescape
from xml.etree.ElementTree import Element

from markupsafe import Markup, escape

FORMULA_CHARACTERS = 1500
FORMULA_ELEMENTS = 2000

_CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "mroot": 2}
_CHILDREN |= {"msubsup": 3, "munderover": 3}
_ELEMENTS = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mstyle", "mtable"}
_ELEMENTS |= {"mtr", "mtd", "mphantom", "mpadded", *_CHILDREN}
_LEAVES = {"mi", "mn", "mo", "mtext", "mspace"}
_ATTRIBUTES = {
    "display": re.compile("block|inline"),
    "accent": re.compile("true|false"),
    "displaystyle": re.compile("true|false"),
    "fence": re.compile("true|false"),
    "form": re.compile("prefix|infix|postfix"),
    "linethickness": re.compile("0|0px"),
    "mathvariant": re.compile("normal"),
    "maxsize": re.compile(r"[0-9.]{1,4}em"),
    "minsize": re.compile(r"[0-9.]{1,4}em"),
    "movablelimits": re.compile("true|false"),
    "scriptlevel": re.compile("[+-]?[0-3]"),
    "stretchy": re.compile("true|false"),
}
# Definitions could grow without bound, and the rest is for pages that we do not make.
_REFUSED = re.compile(
    r"\\(?:[gex]?def|let|(?:re|provide)?new?command|DeclareMathOperator|renewcommand"
    r"|newenvironment|href|url|style|class|id|cssId|htmlId|htmlClass|htmlStyle|htmlData"
    r"|includegraphics|input|include|require|unicode|char)(?![A-Za-z])"
)
_FUNCTION = re.compile("[A-Za-z]{2,40}")
_OPERATORS = re.compile(r"\\arg(?![A-Za-z])")
_BOLD = {"bold": (0x1D400, 0x1D41A), "bold-italic": (0x1D468, 0x1D482)}


class BrokenFormula(ValueError):
    """A formula that cannot be shown as one."""


def formula(tex: str, *, block: bool = False) -> Markup:
    """Set a formula, or show its source where that is not possible.

    Args:
        tex: what stands between the dollar signs.
        block: whether it stands on a line of its own.

    Returns:
        Safe HTML: a `math` element, or the escaped source as code.
    """
    tex = tex.strip()
    try:
        return Markup(_written(_converted(tex, block), [FORMULA_ELEMENTS]))
    except Exception:  # whatever a converter does with foreign text, the text itself is shown
        mark = "$$" if block else "$"
        return Markup('<code class="tex">{}</code>').format(f"{mark}{tex}{mark}")


def _converted(tex: str, block: bool) -> Element:
    from latex2mathml.converter import convert_to_element

    if not tex or len(tex) > FORMULA_CHARACTERS:
        raise BrokenFormula("empty or too long")
    if _REFUSED.search(tex):
        raise BrokenFormula("a command that is not for formulas")
    tex = _OPERATORS.sub(r"\\operatorname{arg}", tex)
    return convert_to_element(tex, display="block" if block else "inline")


def _written(element: Element, left: list[int]) -> str:
    left[0] -= 1
    name = element.tag
    if left[0] < 0 or name not in _ELEMENTS:
        raise BrokenFormula(f"too long, or an element of another kind: {name}")
    children = [child for child in element if not _is_number(child)]
    if len(children) != _CHILDREN.get(name, len(children)):
        raise BrokenFormula(f"{name} lacks a part")
    text = unescape(element.text or "")
    if name in _LEAVES:
        if children:
            raise BrokenFormula(f"{name} with elements in it")
        if text.startswith("\\") and len(text) > 1:
            raise BrokenFormula(f"an unknown command: {text}")
        text = _styled(text, element.get("mathvariant", ""))
        if name in ("mi", "mo") and _FUNCTION.fullmatch(text):  # log, softmax: with a little air
            return f'<mo lspace="0.17em" rspace="0.1em">{text}</mo>'
    elif text.strip():
        raise BrokenFormula(f"text in {name}")
    attributes = "".join(
        f' {key}="{escape(value)}"'
        for key, value in sorted(element.attrib.items())
        if key in _ATTRIBUTES and _ATTRIBUTES[key].fullmatch(value)
    )
    inside = str(escape(text)) if name in _LEAVES else ""
    inside += "".join(_written(child, left) for child in children)
    return f"<{name}{attributes}>{inside}</{name}>"


def _is_number(element: Element) -> bool:
    """Say whether this is the number of an equation, which nothing refers to."""
    return (
        element.tag == "mtd"
        and len(element) == 1
        and element[0].tag == "mtext"
        and bool(re.fullmatch(r"\(\d+\)", element[0].text or ""))
    )


def _styled(text: str, variant: str) -> str:
    """Write Latin letters bold by their own code points: browsers know no other way."""
    if variant not in _BOLD:
        return text
    upper, lower = _BOLD[variant]
    return "".join(
        chr(upper + ord(letter) - ord("A"))
        if "A" <= letter <= "Z"
        else chr(lower + ord(letter) - ord("a"))
        if "a" <= letter <= "z"
        else letter
        for letter in text
    )
