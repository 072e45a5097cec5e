# Entry by entry of the kernel.
def conv2d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a convolution's output into those of its input, kernels and biases."""
    M, C, kH, kW = weight.shape
    N, _, Ho, Wo = upstream.shape
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    dp, dw = np.zeros(p.shape), np.empty(weight.shape)
    for k in range(kH):
        for l in range(kW):
            grid = np.s_[:, :, k : k + stride * Ho : stride, l : l + stride * Wo : stride]
            dp[grid] += np.einsum("nmij,mc->ncij", upstream, weight[:, :, k, l])
            dw[:, :, k, l] = np.einsum("nmij,ncij->mc", upstream, p[grid])
    dx = dp[:, :, padding : p.shape[2] - padding, padding : p.shape[3] - padding]
    return dx, dw, np.einsum("nmij->m", upstream)
