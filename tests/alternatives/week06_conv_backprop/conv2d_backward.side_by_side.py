# All pictures' columns side by side, one product each.
def conv2d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a convolution's output into those of its input, kernels and biases."""
    M = weight.shape[0]
    columns = im2col(x, weight.shape[2:], stride, padding)
    N, K, L = columns.shape
    G = np.moveaxis(upstream, 1, 0).reshape(M, N * L)
    wide = columns.transpose(1, 0, 2).reshape(K, N * L)
    dweight = np.dot(G, wide.T).reshape(weight.shape)
    back = np.dot(weight.reshape(M, K).T, G).reshape(K, N, L).transpose(1, 0, 2)
    dx = col2im(back, x.shape, tuple(weight.shape[2:]), stride, padding)
    return dx, dweight, G.sum(axis=1)
