# Stamps the kernel onto the result at every pixel, as bright as the pixel.
def convolve(picture, kernel):
    """Convolve in full size."""
    (height, width), (kh, kw) = picture.shape, kernel.shape
    out = np.zeros((height + kh - 1, width + kw - 1))
    for i in range(height):
        for j in range(width):
            out[i : i + kh, j : j + kw] += picture[i, j] * kernel
    return out
