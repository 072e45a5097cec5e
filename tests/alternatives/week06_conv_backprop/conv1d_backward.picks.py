# The matrix of every pair of channels, transposed.
def conv1d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a 1-D convolution's output into those of its input, kernels and biases."""
    N, C, T = x.shape
    M, _, K = weight.shape
    T_out = upstream.shape[2]
    dx, dweight = np.zeros((N, C, T)), np.zeros((M, C, K))
    for k in range(K):
        pick = np.zeros((T_out, T))
        for o in range(T_out):
            i = o * stride + k - padding
            if 0 <= i < T:
                pick[o, i] = 1.0
        dx += np.einsum("mc,nmo,oi->nci", weight[:, :, k], upstream, pick)
        dweight[:, :, k] = np.einsum("nmo,oi,nci->mc", upstream, pick, x)
    dbias = np.array([upstream[:, m].sum() for m in range(M)])
    return dx, dweight, dbias
