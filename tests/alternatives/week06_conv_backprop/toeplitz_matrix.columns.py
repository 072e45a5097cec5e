# Convolves every unit vector.
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
    places = (size + 2 * padding - len(weight)) // stride + 1
    matrix = np.zeros((places, size))
    for i in range(size):
        for o in range(places):
            k = i + padding - o * stride
            if 0 <= k < len(weight):
                matrix[o, i] = weight[k]
    return matrix
