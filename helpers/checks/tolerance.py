"""How far a result may be off: set by the arithmetic, not by taste."""

import numpy as np

DOUBLE_TOLERANCE = 1e-10
SINGLE_TOLERANCE = 1e-4
HALF_TOLERANCE = 1e-2


def allowed_error(
    got: np.ndarray, expected: np.ndarray, rtol: float | None, atol: float | None
) -> np.ndarray:
    """Return the error that is allowed at each element.

    Args:
        got: the student's array; only its dtype counts.
        expected: the array wanted, of any shape.
        rtol: relative tolerance, or None.
        atol: absolute tolerance, or None.

    Returns:
        float64 array of the shape of `expected`; zeros where only equality will do.
    """
    with np.errstate(all="ignore"):
        size = np.abs(wide(expected))
    size = np.where(np.isfinite(size), size, 0.0)
    if atol is not None:
        return atol + (rtol or 0.0) * size
    if rtol is None:
        rtol = tolerance_of(got.dtype, expected.dtype)
    return rtol * np.maximum(1.0, size)


def tolerance_of(got: np.dtype, expected: np.dtype) -> float:
    """Return the relative tolerance that two dtypes ask for.

    Args:
        got: the dtype of the student's array; decides only where whole numbers are expected.
        expected: the dtype of the array wanted.

    Returns:
        0 for booleans and integers, 1e-10 for float64, 1e-4 for float32, 1e-2 for float16.
    """
    if expected.kind == "b" or (expected.kind in "iu" and got.kind in "biu"):
        return 0.0
    deciding = got if expected.kind in "iu" else expected
    bytes_each = np.empty(0, deciding).real.dtype.itemsize
    if bytes_each >= 8 or deciding.kind == "b":
        return DOUBLE_TOLERANCE
    return SINGLE_TOLERANCE if bytes_each == 4 else HALF_TOLERANCE


def agreement(got: np.ndarray, expected: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Say where two arrays of one shape agree.

    Args:
        got: the student's array.
        expected: the array wanted.
        allowed: the error allowed at each element.

    Returns:
        Boolean array of the same shape. NaN agrees with NaN, an infinity with itself.
    """
    same = np.asarray(got == expected)
    if got.dtype.kind in "biu" and expected.dtype.kind in "biu" and not allowed.any():
        return same
    with np.errstate(all="ignore"):
        one, other = wide(got), wide(expected)
        error = np.abs(one - other)
        near = np.isfinite(error) & (error <= allowed)
        return same | near | (np.isnan(one) & np.isnan(other))


def wide(array: np.ndarray) -> np.ndarray:
    """Return numbers in double precision.

    Args:
        array: booleans, integers, real or complex numbers.

    Returns:
        The same as float64 or complex128.
    """
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
