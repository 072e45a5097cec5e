"""Run kernels written in Triton: interpreted on any processor, compiled where there is a GPU.

    traffic = kernels.interpret(kernel, (4,), x, y, 10, 4)      # four programs, one after another
    result = kernels.launch(augment_kernel, pictures, moves, mean, deviation)

A kernel is a plain function here, without `@triton.jit`: the same function is interpreted and
compiled. While it is interpreted every address is looked at before it is used, so that a forgotten
mask ends in a sentence and not in a crash, and the bytes that are moved are counted.

Source: P. Tillet, H. T. Kung, D. Cox, "Triton: an intermediate language and compiler for tiled
neural network computations", MAPL 2019.
"""

import contextlib
import functools
import importlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Kernel = Callable[..., None]

try:
    tl: Any = importlib.import_module("triton.language")
    triton: Any = importlib.import_module("triton")
    _interpreter: Any = importlib.import_module("triton.runtime.interpreter")
    LACKING = ""
except ImportError:
    tl = SimpleNamespace(constexpr=int)  # so that a cell with a kernel in it can still be run
    triton = _interpreter = None
    LACKING = (
        "Triton is not installed here (it comes with PyTorch on Linux with x86-64 processors): "
        "kernels can be read and written, not run."
    )


class OutsideError(IndexError):
    """A kernel touched memory that belongs to none of its tensors."""


@dataclass
class Traffic:
    """What a kernel has moved.

    Attributes:
        read: bytes read of each tensor, by the name of the kernel's argument.
        written: bytes written to each.
        stores: how often each place of each tensor was written, in the order of memory.
    """

    read: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    stores: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All bytes, read and written."""
        return sum(self.read.values()) + sum(self.written.values())


def interpret(kernel: Kernel, grid: Sequence[int], *arguments: Any) -> Traffic:
    """Run a kernel program by program in Triton's interpreter, and watch what it touches.

    Args:
        kernel: a plain function whose arguments are pointers (of CPU tensors), numbers and
            constants (annotated `tl.constexpr`).
        grid: how many programs along each of up to three axes.
        arguments: all of the kernel's, in their order.

    Returns:
        What it moved; its results are in the tensors.

    Raises:
        OutsideError: it touches memory outside of its tensors.
        RuntimeError: Triton is not installed.
    """
    if LACKING:
        raise RuntimeError(LACKING)
    bound = inspect.signature(kernel).bind(*arguments)
    tensors = {name: a for name, a in bound.arguments.items() if isinstance(a, Tensor)}
    watch = _Watch(tensors, len(grid))
    own = _with_names(kernel, {"tl": tl, "core": tl.core})
    try:
        with watch.installed(), _standard_library():
            _interpreter.InterpretedFunction(own)[tuple(grid)](*arguments)
    except _interpreter.InterpreterError as error:
        cause = error.__cause__ or error
        raise cause.with_traceback(cause.__traceback__) from None
    return watch.traffic


def compiled(kernel: Kernel) -> Any:
    """Compile a kernel for the GPU, as `@triton.jit` above it would.

    Args:
        kernel: a plain function.

    Returns:
        What `kernel[grid](...)` is called on.

    Raises:
        RuntimeError: Triton is not installed.
    """
    if LACKING:
        raise RuntimeError(LACKING)
    return _compiled(kernel)


def launch(
    kernel: Kernel,
    pictures: Tensor,
    moves: Tensor,
    mean: Tensor,
    deviation: Tensor,
    dtype: torch.dtype = torch.float32,
    *,
    block: int = 1024,
) -> Tensor:
    """Augment pictures by a kernel: compiled on a GPU, interpreted on a CPU.

    Args:
        kernel: with the arguments of the challenge's `augment_kernel`.
        pictures: (N, C, H, W) uint8, in any order of memory.
        moves: (N, 3) int32: mirrored or not (1 or 0), shift down, shift right.
        mean: (C,) float32, of the pixels from 0 to 255.
        deviation: (C,) float32, likewise.
        dtype: of the result.
        block: pixels that a program has; a power of two.

    Returns:
        (N, C, H, W) of that dtype.
    """
    result = torch.empty(pictures.shape, dtype=dtype, device=pictures.device)
    arguments = augment_arguments(pictures, result, moves, mean, deviation, block)
    grid = augment_grid(pictures, block)
    if pictures.is_cuda:
        compiled(kernel)[grid](*arguments)
    else:
        interpret(kernel, grid, *arguments)
    return result


def augment_arguments(
    pictures: Tensor, result: Tensor, moves: Tensor, mean: Tensor, deviation: Tensor, block: int
) -> tuple[Any, ...]:
    """Give all arguments of the challenge's `augment_kernel`, in their order."""
    tensors = (pictures, result, moves, mean, deviation)
    return (*tensors, *pictures.shape[1:], *pictures.stride(), block)


def augment_grid(pictures: Tensor, block: int) -> tuple[int, int]:
    """Say how many programs there are: a row of blocks for each channel of each picture."""
    count, channels, height, width = pictures.shape
    return count * channels, -(-height * width // block)


def count_bytes(work: Callable[[], object]) -> list[tuple[str, int]]:
    """Count what PyTorch's operations read and write, views left out.

    Args:
        work: runs the operations.

    Returns:
        For each operation, in order, its name and the bytes of its inputs and outputs. What is
        stretched over an axis is counted once.
    """
    with _Counting() as counting:
        work()
    return counting.moved


def seconds_on_gpu(work: Callable[[], object], times: int = 25) -> float:
    """Time work on the GPU by its own clock.

    Args:
        work: puts work into the GPU's queue.
        times: how many runs, after three to warm up.

    Returns:
        Seconds of the median run.
    """
    runs = []
    for _ in range(times + 3):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        end.synchronize()
        runs.append(start.elapsed_time(end) / 1e3)
    return float(np.median(runs[3:]))


@functools.cache
def _compiled(kernel: Kernel) -> Any:
    return triton.jit(_with_names(kernel, {"tl": tl}))


def _with_names(kernel: Any, names: dict[str, Any]) -> Any:
    """Copy a function with global names of its own: the interpreter adds some to what it runs."""
    copy = FunctionType(
        kernel.__code__, {**kernel.__globals__, **names}, kernel.__name__, kernel.__defaults__
    )
    copy.__annotations__ = dict(kernel.__annotations__)
    copy.__module__, copy.__qualname__ = kernel.__module__, kernel.__qualname__
    copy.__kwdefaults__ = kernel.__kwdefaults__
    return copy


@functools.cache
def _interpreted_library() -> dict[str, Any]:
    """Give Triton's functions that are written in Triton (`cdiv`, `zeros`), to be interpreted."""
    jit = importlib.import_module("triton.runtime.jit")
    jit.mangle_type(0)  # imports parts of Triton that expect its functions as they are
    made: dict[str, Any] = {}

    def later(function: Any) -> Any:
        @functools.cache
        def ready() -> Any:
            own = _with_names(function, made)
            return _interpreter.InterpretedFunction(own).rewrite()

        return lambda *arguments, **named: ready()(*arguments, **named)

    for name, value in vars(tl.standard).items():
        if isinstance(value, jit.JITFunction):
            made[name] = later(value.fn)
    return made


@contextlib.contextmanager
def _standard_library() -> Iterator[None]:
    """Put the interpreted functions in place of the compiled ones for a while."""
    made = _interpreted_library()
    kept = [(m, name, vars(m)[name]) for m in (tl, tl.standard) for name in made if name in vars(m)]
    patch_tensor = _interpreter._patch_lang_tensor

    def with_index(tensor: Any, scope: Any) -> None:
        patch_tensor(tensor, scope)  # its own `__index__` fails with NumPy 2.4
        scope.set_attr(tensor, "__index__", lambda self: int(self.handle.data.item()))

    _interpreter._patch_lang_tensor = with_index
    for module, name, _ in kept:
        setattr(module, name, made[name])
    try:
        yield
    finally:
        _interpreter._patch_lang_tensor = patch_tensor
        for module, name, before in kept:
            setattr(module, name, before)


class _Counting(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.moved: list[tuple[str, int]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        aliases = [output.alias_info for output in func._schema.returns]
        if any(alias is not None and not alias.is_write for alias in aliases):
            return made  # a view: nothing is moved
        tensors = [t for t in tree_leaves((args, kwargs, made)) if isinstance(t, Tensor)]
        name = func.overloadpacket.__name__
        if name == "_to_copy":
            name = f"to {made.dtype}".replace("torch.", "")
        self.moved.append((name, sum(_bytes_of(t) for t in tensors)))
        return made


def _bytes_of(tensor: Tensor) -> int:
    sides = [n for n, step in zip(tensor.shape, tensor.stride(), strict=True) if step]
    return tensor.element_size() * int(np.prod(sides, dtype=np.int64))


class _Watch:
    """Looks at every address that the interpreter is about to use."""

    def __init__(self, tensors: dict[str, Tensor], axes: int) -> None:
        self.axes = axes
        self.traffic = Traffic()
        self.spans: list[tuple[str, int, int, int]] = []
        for name, tensor in tensors.items():
            if tensor.device.type != "cpu":
                raise ValueError(
                    f"`{name}` is on {tensor.device}: the interpreter takes CPU tensors"
                )
            places = 1 + sum(
                (n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True)
            )
            start, size = tensor.data_ptr(), tensor.element_size()
            self.spans.append((name, start, start + places * size, size))
            self.traffic.stores[name] = np.zeros(places, dtype=np.int64)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Stand between a kernel and the memory for a while."""
        builder = _interpreter.interpreter_builder
        load, store = builder.create_masked_load, builder.create_masked_store

        def watched_load(pointers: Any, mask: Any, *rest: Any) -> Any:
            self._look("read", pointers, mask)
            return load(pointers, mask, *rest)

        def watched_store(pointers: Any, value: Any, mask: Any, *rest: Any) -> Any:
            self._look("written", pointers, mask)
            return store(pointers, value, mask, *rest)

        builder.create_masked_load, builder.create_masked_store = watched_load, watched_store
        try:
            yield
        finally:
            del builder.create_masked_load, builder.create_masked_store

    def _look(self, what: str, pointers: Any, mask: Any) -> None:
        size = max(1, pointers.get_element_ty().primitive_bitwidth // 8)
        addresses, wanted = np.broadcast_arrays(pointers.data, mask.data)
        addresses = addresses[wanted.astype(bool)].astype(np.int64)
        known = np.zeros(addresses.shape, dtype=bool)
        for name, start, stop, item in self.spans:
            inside = (addresses >= start) & (addresses < stop) & (item == size)
            known |= inside
            if inside.any():
                moved = getattr(self.traffic, what)
                moved[name] = moved.get(name, 0) + size * int(inside.sum())
            if what == "written":
                np.add.at(self.traffic.stores[name], (addresses[inside] - start) // size, 1)
        if not known.all():
            raise OutsideError(self._sentence(what, addresses[~known], size))

    def _sentence(self, what: str, addresses: np.ndarray, size: int) -> str:
        first = int(addresses[0])
        distances = [
            (max(start - first, first - stop + size) // size, first < start, name)
            for name, start, stop, item in self.spans
            if item == size
        ]
        distance, before, name = min(distances, default=(0, False, "any tensor"))
        where = "before the beginning" if before else "past the end"
        call = "tl.load" if what == "read" else "tl.store"
        program = ", ".join(str(n) for n in _interpreter.interpreter_builder.grid_idx[: self.axes])
        count = "one number" if len(addresses) == 1 else f"{len(addresses)} numbers"
        return (
            f"program ({program}): `{call}` touches {count} outside of the tensors, the first one "
            f"{distance:,} {where} of `{name}`"
        )
