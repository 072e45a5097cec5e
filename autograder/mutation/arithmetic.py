"""Mistakes in a formula: signs, factors, constants, comparisons, conditions.

Each function here takes a `Site` and yields pairs: what the mistake is called, what to put there.
"""

import ast
from collections.abc import Iterator

from autograder.mutation.syntax import (
    Site,
    call_name,
    integer,
    is_module_call,
    literal,
    subject_of,
)

Replacements = Iterator[tuple[str, ast.expr]]

EVEN_FUNCTIONS = frozenset({"abs", "absolute", "square", "norm", "fabs"})
POSITIONAL_AXIS = frozenset({
    "sum", "mean", "max", "min", "argmax", "argmin", "std", "var", "prod", "any", "all", "cumsum",
    "amax", "amin", "norm",
})  # fmt: skip
TINY = 1e-3  # a smaller positive number is there for safety's sake, not as a quantity
BOUNDARY: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
}
DIRECTION: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.Gt(),
    ast.LtE: ast.GtE(),
    ast.Gt: ast.Lt(),
    ast.GtE: ast.LtE(),
}
NEGATION: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}


def sign(site: Site) -> Replacements:
    """`a + b` for `a - b` and back; a minus forgotten; a difference the wrong way round."""
    node = site.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not _has_own(site):
        yield "minus forgotten", node.operand
    if not isinstance(node, ast.BinOp) or _holds_text_or_list(node):
        return
    if isinstance(node.op, ast.Add):
        yield "sign", ast.BinOp(node.left, ast.Sub(), node.right)
    elif isinstance(node.op, ast.Sub):
        yield "sign", ast.BinOp(node.left, ast.Add(), node.right)
        if not _is_even(site) and integer(node.right) is None:
            yield "difference turned round", ast.BinOp(node.right, ast.Sub(), node.left)


def terms(site: Site) -> Replacements:
    """A term left out: a bias, an epsilon, the maximum that should have been subtracted."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return
    if _is_tiny(node.right):
        yield "epsilon dropped", node.left
        return
    called = {call_name(part) for part in ast.walk(node.right)}
    name = "term dropped"
    if isinstance(node.op, ast.Sub):
        name = "maximum not subtracted" if called & {"max", "amax"} else name
        name = "mean not subtracted" if "mean" in called else name
    if not isinstance(node.left, ast.Constant):
        yield name, node.left
    if isinstance(node.op, ast.Add) and not isinstance(node.right, ast.Constant):
        yield "epsilon dropped" if _is_tiny(node.left) else "term dropped", node.right


def factors(site: Site) -> Replacements:
    """`a * b` for `a / b` and back; a factor, a divisor, a square or a remainder left out."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    left, right = node.left, node.right
    if isinstance(node.op, ast.Mult) and not _holds_text_or_list(node):
        for rest in (left, right):
            if not isinstance(rest, ast.Constant):
                yield "factor dropped", rest
        yield "division for multiplication", ast.BinOp(left, ast.Div(), right)
    elif isinstance(node.op, ast.Div):
        if not isinstance(left, ast.Constant):
            yield "divisor dropped", left
        yield "multiplication for division", ast.BinOp(left, ast.Mult(), right)
        yield "whole-number division", ast.BinOp(left, ast.FloorDiv(), right)
    elif isinstance(node.op, ast.FloorDiv) and not site.inside(ast.Subscript):
        yield "true division", ast.BinOp(left, ast.Div(), right)
    elif isinstance(node.op, ast.Mod) and not _holds_text_or_list(node):
        yield "remainder dropped", left
    elif isinstance(node.op, ast.Pow):
        yield "power dropped", left


def matrix_products(site: Site) -> Replacements:
    """Operands of `@` swapped, a transposition forgotten."""
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield "operands swapped", ast.BinOp(node.right, ast.MatMult(), node.left)
    elif isinstance(node, ast.Attribute) and node.attr in {"T", "mT"}:
        yield "transposition dropped", node.value
    elif isinstance(node, ast.Call) and call_name(node) in {"transpose", "swapaxes"}:
        subject = subject_of(node)
        if subject is not None:
            yield "transposition dropped", subject


def constants(site: Site) -> Replacements:
    """Off by one, 0 for 1, twice a number, the other truth value."""
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        keyword = site.parent.arg if isinstance(site.parent, ast.keyword) else None
        if keyword not in {"keepdims", "keepdim", "strict"}:
            yield "truth value", literal(not node.value)
        return
    if isinstance(site.parent, ast.UnaryOp) or _has_own(site):
        return
    whole = integer(node)
    if whole is not None:
        for value in _neighbours(whole, site):
            yield "off by one", literal(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield from _floats(node.value, site)


def comparisons(site: Site) -> Replacements:
    """A boundary in or out, a comparison the wrong way round."""
    node = site.node
    if not isinstance(node, ast.Compare):
        return
    for index, operator in enumerate(node.ops):
        for name, table in (
            ("boundary", BOUNDARY),
            ("comparison turned round", DIRECTION),
            ("comparison negated", NEGATION),
        ):
            # a validation turned into its opposite refuses everything: no test can overlook that
            if type(operator) in table and (name == "boundary" or not site.in_validation):
                changed = [*node.ops[:index], table[type(operator)], *node.ops[index + 1 :]]
                yield name, ast.Compare(node.left, changed, node.comparators)


def logic(site: Site) -> Replacements:
    """`or` for `and`, half a condition, a `not` forgotten, one branch of two."""
    node = site.node
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and/or", ast.BoolOp(other, node.values)
        for index in range(len(node.values)):
            rest = node.values[:index] + node.values[index + 1 :]
            yield "condition dropped", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        swapped = ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd()
        yield "and/or", ast.BinOp(node.left, swapped, node.right)
        yield "condition dropped", node.left
        yield "condition dropped", node.right
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        if site.in_validation:
            return
        yield "not dropped", node.operand
    elif isinstance(node, ast.IfExp):
        yield "condition always true", node.body
        yield "condition always false", node.orelse


def _neighbours(value: int, site: Site) -> list[int]:
    """Choose the whole numbers that a student could have written for `value`."""
    if isinstance(site.parent, ast.BinOp) and site.field in {"left", "right"}:
        # the number left out altogether is the business of `terms` and `factors`
        return [value + 1] if not isinstance(site.parent.op, ast.Mod) else [value + 1, value - 1]
    if isinstance(site.parent, ast.Compare) and len(site.parent.ops) == 1:
        # `n < 2` for `n < 1` says what `boundary` has said already
        operator = site.parent.ops[0]
        if isinstance(operator, ast.Lt | ast.GtE):
            return [value - 1]
        if isinstance(operator, ast.LtE | ast.Gt):
            return [value + 1]
    if value == 0:
        return [1]
    return [value + 1, value - 1] if value > 0 else [value + 1, value - 1, -value]


def _floats(value: float, site: Site) -> Replacements:
    """Choose the numbers that a student could have written for `value`."""
    if 0 < value <= TINY:
        return
    if value == 0:
        yield "0 and 1", literal(1.0)
        return
    yield "constant doubled", literal(2 * value)
    if value == 1 and not isinstance(site.parent, ast.BinOp):
        yield "0 and 1", literal(0.0)


def _has_own(site: Site) -> bool:
    """Recognise numbers that have an operator of their own, or no meaning: axes, shapes, seeds."""
    parent = site.parent
    if isinstance(parent, ast.keyword):
        return parent.arg in {"axis", "dim", "seed", "decimals"}
    if isinstance(parent, ast.Slice) and site.field == "step":
        return integer(site.node) == -1
    called = parent if isinstance(parent, ast.Call) else site.ancestors[-2:][0]
    if call_name(called) in {"reshape", "view", "default_rng", "seed", "manual_seed", "Generator"}:
        return True
    return call_name(parent) in POSITIONAL_AXIS and site.field == "args" and _takes_axis(site)


def _takes_axis(site: Site) -> bool:
    """Say whether this positional argument of a reduction is its axis."""
    call = site.parent
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    return site.index == (1 if is_module_call(call) else 0)


def _is_tiny(node: ast.expr) -> bool:
    """Recognise an epsilon, by its size or its name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return 0 < node.value <= TINY
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name.lower() in {"eps", "epsilon", "tiny", "ε"}


def _is_even(site: Site) -> bool:
    """Say whether the sign of the node does not matter to what is around it."""
    parent = site.parent
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow):
        power = integer(parent.right)
        return site.field == "left" and power is not None and power % 2 == 0
    return call_name(parent) in EVEN_FUNCTIONS


def _holds_text_or_list(node: ast.BinOp) -> bool:
    """Say whether an operand is a text or a list, for which `+` and `*` mean something else."""
    return any(
        isinstance(part, ast.JoinedStr | ast.List | ast.ListComp | ast.Tuple)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in (node.left, node.right)
    )
