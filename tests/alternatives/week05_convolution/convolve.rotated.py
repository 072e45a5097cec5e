# Turns the picture in place of the kernel, and the result back.
def convolve(picture, kernel):
    """Convolve in full size."""
    kh, kw = kernel.shape
    turned = np.rot90(picture, 2)[None, None]
    return np.rot90(conv2d_naive(turned, kernel[None, None], padding=(kh - 1, kw - 1))[0, 0], 2)
