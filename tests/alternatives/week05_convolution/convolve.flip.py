# Pads by hand and flips by np.flip.
def convolve(picture, kernel):
    """Convolve in full size."""
    kh, kw = kernel.shape
    padded = np.pad(picture, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    weight = np.flip(kernel)[np.newaxis, np.newaxis]
    return conv2d_naive(padded[np.newaxis, np.newaxis], weight).squeeze(axis=(0, 1))
