"""Mistakes in the order of things: what is left out, done in the wrong place or done in place.

Each function here takes a `Site` whose node is a statement and yields pairs: what the mistake is
called, the statements that its block then holds.
"""

import ast
from collections.abc import Iterator

from autograder.mutation.syntax import Site, array_names, literal, parameters

Blocks = Iterator[tuple[str, list[ast.stmt]]]


def deletions(site: Site) -> Blocks:
    """A statement forgotten, where the rest can still run without it."""
    node = site.node
    if isinstance(node, ast.Raise):
        yield "validation removed", _instead(site, ast.Pass())
    elif isinstance(node, ast.Break | ast.Continue):
        yield "jump removed", _instead(site, ast.Pass())
        if isinstance(node, ast.Continue):
            yield "break for continue", _instead(site, ast.Break())
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "statement deleted", _instead(site, ast.Pass())
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.Assign) and _is_update(site)):
        yield "update deleted", _instead(site, ast.Pass())
    elif isinstance(node, ast.Return) and _is_early(site):
        yield "early return removed", _instead(site, ast.Pass())


def updates(site: Site) -> Blocks:
    """`-=` for `+=`, `=` for `+=`, `/=` for `*=`."""
    node = site.node
    if not isinstance(node, ast.AugAssign):
        return
    others: dict[type[ast.operator], ast.operator] = {
        ast.Add: ast.Sub(),
        ast.Sub: ast.Add(),
        ast.Mult: ast.Div(),
        ast.Div: ast.Mult(),
        ast.FloorDiv: ast.Div(),
        ast.BitAnd: ast.BitOr(),
        ast.BitOr: ast.BitAnd(),
    }
    listed = isinstance(node.value, ast.List | ast.ListComp | ast.JoinedStr)
    if type(node.op) in others and not listed:
        changed = ast.AugAssign(node.target, others[type(node.op)], node.value)
        yield (
            "sign" if isinstance(node.op, ast.Add | ast.Sub) else "update",
            _instead(site, changed),
        )
    if isinstance(node.op, ast.Add):
        overwritten = ast.Assign([node.target], node.value, lineno=0)
        yield "sum overwritten", _instead(site, overwritten)


def in_place(site: Site) -> Blocks:
    """An array changed in place that somebody else still holds."""
    node = site.node
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return
    target, value = node.targets[0], node.value
    if not isinstance(target, ast.Name | ast.Attribute) or not isinstance(value, ast.BinOp):
        return
    if not isinstance(value.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        return
    if ast.unparse(target) == ast.unparse(value.left):
        yield "in-place update", _instead(site, ast.AugAssign(target, value.op, value.right))
    elif _is_array_argument(value.left, site):
        alias = ast.Assign([target], value.left, lineno=0)
        update = ast.AugAssign(target, value.op, value.right)
        yield "argument changed in place", _instead(site, alias, update)


def repeated_indices(site: Site) -> Blocks:
    """`a[i] += v` for `np.add.at(a, i, v)`: of an index that is there twice, one is lost."""
    node = site.node
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return
    call = node.value
    if ast.unparse(call.func) == "np.add.at" and len(call.args) == 3:
        array, index, value = call.args
        target = ast.Subscript(array, index, ast.Store())
        update = ast.AugAssign(target, ast.Add(), value)
        yield "repeated indices lost", _instead(site, update)


def multiple_values(site: Site) -> Blocks:
    """Results returned, or unpacked, in another order."""
    node = site.node
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        for turned in _swaps(node.value):
            yield "results swapped", _instead(site, ast.Return(turned))
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        if isinstance(node.value, ast.Tuple) or len(node.targets) > 1:
            return
        if len(node.targets[0].elts) == 2:
            for turned in _swaps(node.targets[0]):
                yield (
                    "unpacked in the wrong order",
                    _instead(site, ast.Assign([turned], node.value, lineno=0)),
                )


def conditions(site: Site) -> Blocks:
    """A condition that is always true, or never; an update before its condition is asked."""
    node = site.node
    if not isinstance(node, ast.If | ast.While) or isinstance(node.test, ast.Constant):
        return
    if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise) and not node.orelse:
        return  # the validation as a whole is the business of `deletions`
    for name, value in (("condition always true", True), ("condition always false", False)):
        yield name, _instead(site, type(node)(literal(value), node.body, node.orelse))


def loops(site: Site) -> Blocks:
    """Indentation: a result returned within the loop, the loop's last line after the loop."""
    node = site.node
    if not isinstance(node, ast.For | ast.While) or site.index is None:
        return
    siblings = site.siblings
    before, after = siblings[: site.index], siblings[site.index + 1 :]
    if after and isinstance(after[0], ast.Return) and not node.orelse:
        inner = _with_body(node, [*node.body, after[0]])
        yield "return inside the loop", [*before, inner, *after[1:]]
    if len(node.body) > 1 and not isinstance(node.body[-1], ast.Break | ast.Continue):
        shorter = _with_body(node, node.body[:-1])
        yield "last line after the loop", [*before, shorter, node.body[-1], *after]


def _with_body(node: ast.For | ast.While, body: list[ast.stmt]) -> ast.stmt:
    """Copy a loop with another body."""
    if isinstance(node, ast.For):
        return ast.For(node.target, node.iter, body, node.orelse, lineno=0)
    return ast.While(node.test, body, node.orelse)


def _instead(site: Site, *statements: ast.stmt) -> list[ast.stmt]:
    """Give the block around a statement with others in its place."""
    assert site.index is not None
    block = site.siblings
    return [*block[: site.index], *statements, *block[site.index + 1 :]]


def _is_update(site: Site) -> bool:
    """Say whether an assignment changes something that was there before."""
    node, function = site.node, site.function
    if not isinstance(node, ast.Assign) or function is None:
        return False
    target = node.targets[0]
    if isinstance(target, ast.Subscript):
        return True
    if isinstance(target, ast.Attribute):
        return function.name != "__init__"
    if not isinstance(target, ast.Name):
        return False
    earlier = (
        other
        for other in ast.walk(function)
        if isinstance(other, ast.Name) and isinstance(other.ctx, ast.Store)
    )
    return target.id in parameters(function) or any(
        other.id == target.id and other.lineno < node.lineno for other in earlier
    )


def _is_early(site: Site) -> bool:
    """Say whether something comes after this return in the same function."""
    function = site.function
    return (
        function is not None and function.body[-1] is not site.node and site.parent is not function
    )


def _is_array_argument(node: ast.expr, site: Site) -> bool:
    """Say whether an expression is a parameter that looks like an array."""
    if not isinstance(node, ast.Name):
        return False
    function = site.function
    return node.id in parameters(function) and node.id in array_names(function)


def _swaps(values: ast.Tuple) -> Iterator[ast.Tuple]:
    """Swap neighbours in a tuple, one pair at a time."""
    for place in range(len(values.elts) - 1):
        turned = list(values.elts)
        turned[place], turned[place + 1] = turned[place + 1], turned[place]
        yield ast.Tuple(turned, values.ctx)
