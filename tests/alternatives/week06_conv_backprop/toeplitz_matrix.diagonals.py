# Adds shifted diagonals, then takes every stride-th row.
def toeplitz_matrix(weight, size, stride=1, padding=0):
    """Write a 1-D convolution of one channel as a matrix.

    Args:
        weight: the kernel, array of shape (K,). Not modified.
        size: number of inputs, without padding.
        stride: step of the window.
        padding: zeros on either side of the input.

    Returns:
        float64 array of shape (T_out, size), whose product with x is the convolution.
    """
    wide = size + 2 * padding
    matrix = sum(w * np.eye(wide - len(weight) + 1, wide, k) for k, w in enumerate(weight))
    return matrix[::stride, padding : padding + size]
