# matmul per picture, summed over the batch; a list is returned.
def conv2d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a convolution's output into those of its input, kernels and biases."""
    N, M = upstream.shape[:2]
    G = upstream.reshape(N, M, -1)
    X = im2col(x, weight.shape[2:], stride, padding)
    dW = (G @ X.transpose(0, 2, 1)).sum(axis=0).reshape(weight.shape)
    dX = np.matmul(weight.reshape(M, -1).T[None], G)
    return [col2im(dX, x.shape, weight.shape[2:], stride, padding), dW, G.sum(axis=2).sum(axis=0)]
