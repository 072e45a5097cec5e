"""Hold the challenge's kernel against PyTorch in float64, and say what is wrong with it.

    check_kernel(augment_kernel)      # prints what passed, and of the first case that did not: why

Where a result is wrong it is compared with what the usual mistakes would give.
"""

import linecache
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from helpers.challenge import kernels
from helpers.challenge.kernel_cases import (
    CASES,
    MIRROR,
    MISTAKES,
    Case,
    Mistake,
    Trial,
    make_trial,
    wanted,
)
from helpers.challenge.kernels import Kernel, Traffic


def check_kernel(kernel: Kernel) -> bool:
    """Try a kernel on all cases and print what came of it.

    Args:
        kernel: with the arguments of the challenge's `augment_kernel`; a plain function.

    Returns:
        Whether all is right; False where Triton is not installed.
    """
    if kernels.LACKING:
        print(kernels.LACKING)
        return False
    for number, case in enumerate(CASES, start=1):
        fault = fault_of(kernel, case)
        if fault:
            print(f"case {number} of {len(CASES)}, {case.name}:\n{fault}")
            return False
        print(f"right: {case.name}")
    return True


def fault_of(kernel: Kernel, case: Case) -> str:
    """Say what is wrong with a kernel.

    Args:
        kernel: the kernel.
        case: what it is tried on.

    Returns:
        One or more lines; empty where nothing is wrong.
    """
    trial = make_trial(case)
    try:
        traffic = trial.run(kernel)
    except kernels.OutsideError as error:
        advice = "places that do not exist have to be masked, and strides count numbers, not bytes"
        return f"{error}{_line_of(kernel, error)}\n  {advice}"
    except NotImplementedError as error:
        return str(error)
    except Exception as error:  # the student's own code
        return f"{type(error).__name__}: {error}{_line_of(kernel, error)}"
    return _wrong_numbers(kernel, trial) or _wrong_stores(traffic)


def _wrong_numbers(kernel: Kernel, trial: Trial) -> str:
    found, expected = trial.result.double(), wanted(trial)
    if _agree(found, expected, trial.case.dtype):
        return ""
    missing = found.isnan() & ~expected.isnan()
    error = (found - expected).abs().nan_to_num(nan=float("inf"))
    place = torch.unravel_index(error.argmax(), error.shape)
    where = ", ".join(
        f"{name} {int(n)}"
        for name, n in zip(("picture", "channel", "row", "column"), place, strict=True)
    )
    lines = [f"  {where}: came {float(found[place]):.4g}, wanted {float(expected[place]):.4g}"]
    if missing.any():
        lines = [f"  {int(missing.sum())} of {missing.numel()} numbers are never written, {where}"]
    causes = list(_causes(kernel, trial)) or ([_why_missing(missing)] if missing.any() else [])
    return "\n".join([*lines, *(f"  likely: {cause}" for cause in causes)])


def _why_missing(missing: Tensor) -> str:
    planes = missing.flatten(2)
    if planes.all(2).any():
        return (
            "whole channels are missing; program_id(0) counts the channels of all "
            "pictures, and the result's begin height * width numbers after one another"
        )
    return "only some pixels of a channel; program_id(1) is the number of the block"


def _causes(kernel: Kernel, trial: Trial) -> Iterator[str]:
    """Give the mistake that explains all numbers, else what the wrong ones have in common."""
    found, expected = trial.result.double(), wanted(trial)
    likely = _explaining(MISTAKES, trial)
    if likely:
        yield _narrowed(kernel, trial.case, likely)[0].says
        return
    outside = wanted(trial, Mistake("", formula=lambda x, mean, deviation: x * 0 + 1)) == 0
    wrong = ~torch.isclose(found, expected, rtol=2e-2, atol=1e-3)
    if not bool((wrong & ~outside).any()):
        yield (
            "only pixels that come in from outside are wrong: all four borders of the picture "
            "belong into the mask, and the result is 0 there"
        )
    elif not bool(wrong[trial.moves[:, MIRROR] == 0].any()):
        yield "only mirrored pictures are wrong: column j of the mirror image is width − 1 − j"
    elif not bool(wrong[:1].any()):
        yield "only the first picture is right: which picture, which channel does a program have?"


def _explaining(mistakes: Sequence[Mistake], trial: Trial) -> list[Mistake]:
    """Choose the mistakes that would give what a kernel has written."""
    found, dtype = trial.result.double(), trial.case.dtype
    return [m for m in mistakes if _agree(found, wanted(trial, m), dtype)]


def _narrowed(kernel: Kernel, failed: Case, likely: list[Mistake]) -> list[Mistake]:
    """Ask the later cases which of several mistakes it is."""
    for case in CASES[CASES.index(failed) + 1 :] if failed in CASES else ():
        if len(likely) == 1:
            break
        trial = make_trial(case)
        try:
            trial.run(kernel)
        except Exception:  # the student's own code; it has failed before
            continue
        likely = _explaining(likely, trial) or likely
    return likely


def _wrong_stores(traffic: Traffic) -> str:
    most = int(traffic.stores["result"].max())
    if most > 1:
        return (
            f"  the numbers are right, but some are written {most} times: each program has a block "
            "of its own"
        )
    return ""


def _agree(found: Tensor, expected: Tensor, dtype: torch.dtype) -> bool:
    relative = 2**-7 if dtype == torch.bfloat16 else 1e-5
    return torch.allclose(found, expected, rtol=relative, atol=1e-5)


def _line_of(kernel: Kernel, error: BaseException) -> str:
    """Quote the kernel's line on which an error arose."""
    code = kernel.__code__
    trace, number = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            number = trace.tb_lineno
        trace = trace.tb_next
    text = linecache.getline(code.co_filename, number).strip()
    return f"\n  in the line: {text}" if text else ""
