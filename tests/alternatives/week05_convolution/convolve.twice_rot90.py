# Half a turn by rot90.
def convolve(picture, kernel):
    """Convolve in the mathematicians' sense, in full size (the kernel is flipped)."""
    half = np.rot90(kernel, k=2)
    pads = [n - 1 for n in kernel.shape]
    return conv2d_naive(picture[None, None, :, :], half[None, None, :, :], padding=pads)[0, 0, :, :]
