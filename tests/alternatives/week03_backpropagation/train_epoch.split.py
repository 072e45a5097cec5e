# Cuts the order into pieces first; all parameters in one step.
def train_epoch(layers, optimiser, X, targets, order, batch_size):
    """Train a chain of layers on softmax and cross-entropy for one epoch.

    Args:
        layers: list of layers with `forward`, `backward`, `parameters` and `gradients`.
        optimiser: has `step(parameters, gradients)`.
        X: inputs in rows, float array of shape (N, D).
        targets: integer labels (N,) or probabilities (N, C).
        order: which rows to use, in which order; integer array.
        batch_size: rows in a batch; the last one may have fewer.

    Returns:
        The mean loss of the samples, each measured before the step that it belongs to.
    """
    total = 0.0
    cuts = np.arange(batch_size, len(order), batch_size)
    for rows in np.split(order, cuts):
        h = X[rows]
        for layer in layers:
            h = layer.forward(h)
        loss, gradient = softmax_cross_entropy(h, targets[rows])
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
        arrays = [array for layer in layers for array in layer.parameters()]
        slopes = [slope for layer in layers for slope in layer.gradients()]
        optimiser.step(arrays, slopes)
        total += loss * len(rows)
    return total / len(order)
