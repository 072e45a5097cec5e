# np.convolve of the kernel with a single 1.
def scatter_pixel(g, weight, place, size, stride=1, padding=0):
    """Send the gradient of one output pixel of a 1-D convolution back to the inputs it read."""
    impulse = np.zeros(size + 2 * padding - len(weight) + 1)
    impulse[place * stride] = g
    full = np.convolve(impulse, weight)
    return full[padding : padding + size]
