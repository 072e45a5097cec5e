# A plain list, by a dictionary.
def scatter_pixel(g, weight, place, size, stride=1, padding=0):
    """Send the gradient of one output pixel of a 1-D convolution back to the inputs it read."""
    start = place * stride - padding
    sent = {start + k: g * w for k, w in enumerate(weight.tolist())}
    return [float(sent.get(i, 0.0)) for i in range(size)]
