# Computes all places at once and keeps those that exist.
def scatter_pixel(g, weight, place, size, stride=1, padding=0):
    """Send the gradient of one output pixel of a 1-D convolution back to the inputs it read.

    Args:
        g: slope of the loss with respect to this output pixel, one number.
        weight: the kernel, array of shape (K,). Not modified.
        place: which output pixel, counted from 0.
        size: number of inputs, without padding.
        stride: step of the window between neighbouring output pixels.
        padding: zeros that were put on either side of the input.

    Returns:
        float64 array of shape (size,): what each input gets from this pixel, 0 where it gets
        nothing.
    """
    places = place * stride + np.arange(len(weight)) - padding
    exists = (places >= 0) & (places < size)
    dx = np.zeros(size)
    np.add.at(dx, places[exists], g * weight[exists])
    return dx
