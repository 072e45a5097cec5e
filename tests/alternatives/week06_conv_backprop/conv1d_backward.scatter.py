# scatter_pixel for dx, and dweight by the sums of the formula.
def conv1d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a 1-D convolution's output into those of its input, kernels and biases."""
    dx = np.zeros(x.shape)
    dweight = np.zeros(weight.shape)
    dbias = np.zeros(len(weight))
    for n, m, o in np.ndindex(upstream.shape):
        g = upstream[n, m, o]
        dbias[m] += g
        for c in range(x.shape[1]):
            dx[n, c] += scatter_pixel(g, weight[m, c], o, x.shape[2], stride, padding)
            for k in range(weight.shape[2]):
                i = o * stride + k - padding
                if i >= 0 and i < x.shape[2]:
                    dweight[m, c, k] += g * x[n, c, i]
    return dx, dweight, dbias
