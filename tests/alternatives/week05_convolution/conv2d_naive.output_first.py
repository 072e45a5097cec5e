# Starts at the bias; np.vdot on patches; loops with enumerate.
def conv2d_naive(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve as the formula says (the kernel is not flipped)."""
    N, C, H, W = x.shape
    F, D, kh, kw = weight.shape
    if F % groups or C != D * groups:
        raise ValueError(f"{C} channels do not go with {D} times {groups}")
    sh, sw = pair(stride)
    ph, pw = pair(padding)
    dh, dw = pair(dilation)
    Ho = output_size(H, kh, sh, ph, dh)
    Wo = output_size(W, kw, sw, pw, dw)
    if bias is None:
        bias = np.zeros(F, dtype=x.dtype)
    z = np.zeros((N, F, Ho, Wo), dtype=x.dtype) + bias[:, np.newaxis, np.newaxis].astype(x.dtype)
    xp = np.pad(x, ((0,), (0,), (ph,), (pw,)))
    for n in range(N):
        for f, kernel in enumerate(weight):
            g = f * groups // F
            for i in range(Ho):
                for j in range(Wo):
                    for c in range(D):
                        patch = xp[n, g * D + c, i * sh :: dh, j * sw :: dw][:kh, :kw]
                        z[n, f, i, j] += np.vdot(patch, kernel[c])
    return z
