"""Mistakes in calls and arrays: axes, reductions, copies, casts, slices, arguments.

Each function here takes a `Site` and yields pairs: what the mistake is called, what to put there.
"""

import ast
from collections.abc import Iterator

from autograder.mutation.arithmetic import POSITIONAL_AXIS
from autograder.mutation.syntax import (
    Site,
    array_names,
    call_name,
    expression,
    integer,
    is_module_call,
    literal,
    parameters,
    renamed,
    subject_of,
    with_call,
)

Replacements = Iterator[tuple[str, ast.expr]]

_PAIRS = (
    "sum mean, max min, amax amin, argmax argmin, any all, std var, maximum minimum, floor ceil, "
    "zeros ones, zeros_like ones_like, sin cos, hstack vstack, repeat tile, fliplr flipud, "
    "logical_and logical_or, nansum nanmean, nanmax nanmin"
)
CONFUSED = {
    wrong: right
    for pair in _PAIRS.split(", ")
    for wrong, right in (pair.split(), pair.split()[::-1])
} | {"prod": "sum", "median": "mean"}
BUILTIN_CONFUSED = frozenset({"max", "min", "any", "all"})
OTHER_BASE = {
    "log": ("log2", "log10"),
    "log2": ("log",),
    "log10": ("log",),
    "exp": ("exp2",),
    "log1p": ("log",),
    "expm1": ("exp",),
}
DEFAULT_AXIS = {
    "concatenate": 0, "stack": 0, "split": 0, "array_split": 0, "linspace": 0,
    "argsort": -1, "sort": -1, "diff": -1, "partition": -1, "argpartition": -1, "trapezoid": -1,
}  # fmt: skip
SKIPPABLE = frozenset({
    "sqrt", "exp", "log", "abs", "absolute", "square", "clip", "round", "rint", "floor", "ceil",
    "cumsum", "flip", "fliplr", "flipud", "rot90", "roll", "sign", "sorted", "sort", "tanh",
})  # fmt: skip
ORDERLESS = frozenset({
    "maximum", "minimum", "max", "min", "isclose", "allclose", "array_equal", "logaddexp", "add",
    "multiply", "logical_and", "logical_or", "hypot", "isinstance", "getattr", "hasattr",
    "setattr", "range", "enumerate", "zeros", "ones", "full", "empty", "array", "asarray",
    "reshape", "astype", "zip", "append",
})  # fmt: skip
OTHER_WORD = {
    "left": "right", "right": "left", "edge": "constant", "valid": "same", "same": "valid",
    "full": "same", "ij": "xy", "xy": "ij", "max": "min", "min": "max", "mean": "sum",
    "sum": "mean",
}  # fmt: skip
TYPE_WORDS = frozenset({"int", "float", "bool", "str", "complex"})


def axes(site: Site) -> Replacements:
    """Another axis, no axis at all, a reduced axis not kept."""
    call = site.node
    if not isinstance(call, ast.Call):
        return
    name = call_name(call)
    for place, keyword in enumerate(call.keywords):
        rest = call.keywords[:place] + call.keywords[place + 1 :]
        if keyword.arg in {"axis", "dim"}:
            for other in _other_axes(keyword.value):
                changed = [*rest[:place], ast.keyword(keyword.arg, other), *rest[place:]]
                yield "axis changed", with_call(call, keywords=changed)
            is_default = name in DEFAULT_AXIS and integer(keyword.value) == DEFAULT_AXIS[name]
            if not is_default and name != "expand_dims":
                yield "axis dropped", with_call(call, keywords=rest)
        elif keyword.arg in {"keepdims", "keepdim"}:
            yield "keepdims dropped", with_call(call, keywords=rest)
    place = 1 if is_module_call(call) else 0
    if name in POSITIONAL_AXIS and isinstance(call.func, ast.Attribute) and len(call.args) > place:
        for other in _other_axes(call.args[place]):
            changed_args = [*call.args[:place], other, *call.args[place + 1 :]]
            yield "axis changed", with_call(call, args=changed_args)
        yield "axis dropped", with_call(call, args=call.args[:place] + call.args[place + 1 :])


def functions(site: Site) -> Replacements:
    """The wrong function of a pair, another base, a function forgotten, an order turned round."""
    call = site.node
    if not isinstance(call, ast.Call):
        return
    name = call_name(call)
    of_array = isinstance(call.func, ast.Attribute)
    if name in CONFUSED and (of_array or name in BUILTIN_CONFUSED):
        yield (
            "wrong reduction" if name in POSITIONAL_AXIS else "wrong function",
            renamed(call, CONFUSED[name]),
        )
    for other in OTHER_BASE.get(name, ()) if of_array else ():
        yield "base of logarithm", renamed(call, other)
    subject = subject_of(call)
    if name in SKIPPABLE and subject is not None:
        yield "function forgotten", subject
    if name in {"argsort", "sort"} and is_module_call(call) and call.args:
        turned = ast.UnaryOp(ast.USub(), call.args[0])
        yield "order turned round", with_call(call, args=[turned, *call.args[1:]])
    of_two = name in {"maximum", "minimum"} or (name in {"max", "min"} and not of_array)
    if of_two and len(call.args) == 2:
        for rest in call.args:
            if not isinstance(rest, ast.Constant):
                yield "bound forgotten", rest


def copies(site: Site) -> Replacements:
    """A copy or a change of type forgotten."""
    call = site.node
    if not isinstance(call, ast.Call):
        return
    name, subject = call_name(call), subject_of(call)
    if subject is None:
        return
    named = isinstance(subject, ast.Name | ast.Attribute | ast.Subscript)
    if name in {"copy", "deepcopy", "clone"}:
        yield "copy removed", subject
    elif name == "array" and is_module_call(call) and _belongs_to_others(subject, site):
        yield "copy removed", renamed(call, "asarray")
    elif name in {"list", "dict", "set"} and named and isinstance(call.func, ast.Name):
        yield "copy removed", subject
    elif name == "astype":
        yield "cast dropped", subject


def types(site: Site) -> Replacements:
    """Single precision or whole numbers where double precision is due."""
    node = site.node
    if isinstance(node, ast.Attribute) and node.attr in {"float64", "double"}:
        yield "float32 cast", ast.Attribute(node.value, "float32", ast.Load())
        yield "integer type", expression("int")
    elif isinstance(node, ast.Name) and node.id == "float" and _names_a_type(site):
        yield "float32 cast", expression("np.float32")
        yield "integer type", expression("int")
    elif isinstance(node, ast.Call) and is_module_call(node):
        name, given = call_name(node), {keyword.arg for keyword in node.keywords}
        plain = name in {"zeros", "empty"} and len(node.args) == 1 and "dtype" not in given
        if plain and _is_filled_later(site):
            for kind, mistake in (("np.float32", "float32 cast"), ("int", "integer type")):
                wanted = ast.keyword("dtype", expression(kind))
                yield mistake, with_call(node, keywords=[*node.keywords, wanted])


def keywords(site: Site) -> Replacements:
    """A keyword argument forgotten, a word of it confused with another, a seed ignored."""
    call = site.node
    if not isinstance(call, ast.Call):
        return
    own = {"axis", "dim", "keepdims", "keepdim", None}
    for place, keyword in enumerate(call.keywords):
        value = keyword.value
        is_truth = isinstance(value, ast.Constant) and isinstance(value.value, bool)
        is_float = ast.unparse(value) in {"float", "np.float64"}
        rest = call.keywords[:place] + call.keywords[place + 1 :]
        if keyword.arg not in own and not is_truth and not is_float:
            yield "keyword dropped", with_call(call, keywords=rest)
        if isinstance(value, ast.Constant) and value.value in OTHER_WORD:
            other = ast.keyword(keyword.arg, literal(OTHER_WORD[value.value]))
            changed = [*rest[:place], other, *rest[place:]]
            yield "keyword changed", with_call(call, keywords=changed)
    seeded = call_name(call) in {"default_rng", "RandomState"} and call.args
    if seeded and integer(call.args[0]) is None:
        yield "seed ignored", with_call(call, args=[literal(0)])


def arguments(site: Site) -> Replacements:
    """Arguments in the wrong order, a shuffle that does not shuffle."""
    call = site.node
    if not isinstance(call, ast.Call):
        return
    name = call_name(call)
    if name == "permutation" and len(call.args) == 1:
        counted = ast.Call(expression("np.arange"), call.args, [])
        yield "not shuffled", call.args[0] if _is_array(call.args[0], site) else counted
    if name == "einsum" and call.args:
        yield from _einsum(call)
    elif name == "where" and len(call.args) == 3:
        yield "branches swapped", with_call(call, args=[call.args[0], *call.args[:0:-1]])
    elif len(call.args) == 2 and name not in ORDERLESS and _look_alike(call, site):
        yield "arguments swapped", with_call(call, args=call.args[::-1])


def ranges(site: Site) -> Replacements:
    """A range that ends or begins one off."""
    call = site.node
    if not isinstance(call, ast.Call) or call_name(call) not in {"range", "arange"}:
        return
    if not call.args or any(isinstance(part, ast.Starred) for part in call.args):
        return
    place = 0 if len(call.args) == 1 else 1
    if integer(call.args[place]) is None:
        for operator in (ast.Sub(), ast.Add()):
            end = ast.BinOp(call.args[place], operator, literal(1))
            changed = [*call.args[:place], end, *call.args[place + 1 :]]
            yield "range off by one", with_call(call, args=changed)
    if len(call.args) == 1:
        yield "range off by one", with_call(call, args=[literal(1), *call.args])


def subscripts(site: Site) -> Replacements:
    """Indices swapped, a new axis on the other side, a slice one off or left open, not reversed."""
    node = site.node
    if not isinstance(node, ast.Subscript):
        return
    inner = node.slice
    pair = inner.elts if isinstance(inner, ast.Tuple) and len(inner.elts) == 2 else []
    if len({ast.dump(part) for part in pair}) == 2:
        turned = ast.Tuple(pair[::-1], ast.Load())
        yield "indices swapped", ast.Subscript(node.value, turned, node.ctx)
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    for place, part in enumerate(parts):
        for name, changed in _other_slices(part):
            if changed is None:
                if len(parts) == 1:
                    yield name, node.value
                continue
            rest = [*parts[:place], changed, *parts[place + 1 :]]
            whole = ast.Tuple(rest, ast.Load()) if isinstance(inner, ast.Tuple) else changed
            yield name, ast.Subscript(node.value, whole, node.ctx)


def _other_slices(part: ast.expr) -> Iterator[tuple[str, ast.expr | None]]:
    """Vary one slice; None stands for no subscript at all."""
    if not isinstance(part, ast.Slice):
        return
    lower, upper, step = part.lower, part.upper, part.step
    if integer(step) == -1 and lower is None and upper is None:
        yield "not reversed", None
        return
    one = literal(1)
    if upper is not None:
        if integer(upper) is None:
            yield "slice off by one", ast.Slice(lower, ast.BinOp(upper, ast.Sub(), one), step)
            yield "slice off by one", ast.Slice(lower, ast.BinOp(upper, ast.Add(), one), step)
        yield "slice left open", ast.Slice(lower, None, step)
    if lower is not None:
        if integer(lower) is None:
            yield "slice off by one", ast.Slice(ast.BinOp(lower, ast.Add(), one), upper, step)
        yield "slice left open", ast.Slice(None, upper, step)


def _other_axes(axis: ast.expr) -> list[ast.expr]:
    """Choose the axes that a student could have written for this one."""
    number = integer(axis)
    if number is not None:
        return [literal({0: 1, 1: 0, -1: 0}.get(number, number - 1 if number > 0 else number + 1))]
    if isinstance(axis, ast.Tuple):
        return [axis.elts[0], axis.elts[-1]] if len(axis.elts) == 2 else []
    if isinstance(axis, ast.Constant):
        return []
    return [literal(0), literal(1)]


def _is_array(node: ast.expr, site: Site) -> bool:
    """Guess whether an expression is an array and not a number."""
    if isinstance(node, ast.Name):
        return node.id in array_names(site.function)
    if isinstance(node, ast.Call):
        return call_name(node) not in {"len", "int", "size"}
    return isinstance(node, ast.Subscript) and not ast.unparse(node.value).endswith("shape")


def _belongs_to_others(node: ast.expr, site: Site) -> bool:
    """Say whether an object came from outside the function, so that a copy of it matters."""
    if isinstance(node, ast.Name):
        return node.id in parameters(site.function)
    return isinstance(node, ast.Attribute | ast.Subscript)


def _is_filled_later(site: Site) -> bool:
    """Say whether numbers are written into the array made here, so that its type matters."""
    if not isinstance(site.parent, ast.Assign) or site.function is None:
        return False
    name = ast.unparse(site.parent.targets[0])
    written: set[str] = set()
    for node in ast.walk(site.function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            written.add(ast.unparse(node.value))
        elif isinstance(node, ast.AugAssign):
            written.add(ast.unparse(node.target))
    return name in written


def _names_a_type(site: Site) -> bool:
    """Say whether `float` stands there as a dtype, not as a function."""
    if isinstance(site.parent, ast.keyword):
        return site.parent.arg == "dtype"
    called = call_name(site.parent)
    return site.field == "args" and called in {"astype", "asarray", "array", "zeros", "ones"}


def _look_alike(call: ast.Call, site: Site) -> bool:
    """Say whether two arguments could be mistaken for one another."""
    first, second = call.args
    if any(isinstance(part, ast.Starred | ast.Constant | ast.Lambda) for part in call.args):
        return False
    if any(isinstance(part, ast.Name) and part.id in TYPE_WORDS for part in call.args):
        return False
    displays = (ast.Tuple, ast.List)
    if isinstance(first, displays) != isinstance(second, displays):
        return False
    return ast.dump(first) != ast.dump(second)


def _einsum(call: ast.Call) -> Replacements:
    """Transpose the result of an einsum with two axes, or leave an axis out."""
    recipe = call.args[0]
    if not isinstance(recipe, ast.Constant) or "->" not in str(recipe.value):
        return
    before, after = str(recipe.value).split("->")
    if len(after.strip()) == 2:
        turned = literal(f"{before}->{after.strip()[::-1]}")
        yield "result transposed", with_call(call, args=[turned, *call.args[1:]])
