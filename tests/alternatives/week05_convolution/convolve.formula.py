# As the formula stands.
def convolve(picture, kernel):
    """Convolve in the mathematicians' sense, in full size (the kernel is flipped)."""
    H, W = picture.shape
    kh, kw = kernel.shape
    out = np.zeros((H + kh - 1, W + kw - 1))
    for i in range(H + kh - 1):
        for j in range(W + kw - 1):
            for a in range(kh):
                for b in range(kw):
                    if 0 <= i - a < H and 0 <= j - b < W:
                        out[i, j] += kernel[a, b] * picture[i - a, j - b]
    return out
