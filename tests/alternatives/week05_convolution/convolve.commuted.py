# The kernel is the picture, and the other way round.
def convolve(picture, kernel):
    """Convolve in the mathematicians' sense, in full size (the kernel is flipped)."""
    height, width = picture.shape
    turned = picture[::-1, ::-1]
    return conv2d_naive(
        kernel.reshape(1, 1, *kernel.shape),
        turned.reshape(1, 1, height, width),
        padding=(height - 1, width - 1),
    )[0][0]
