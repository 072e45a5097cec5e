# A while loop; the mean is weighted at the end.
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
    losses, sizes = [], []
    waiting = list(order)
    while waiting:
        rows, waiting = waiting[:batch_size], waiting[batch_size:]
        h = X[rows]
        for layer in layers:
            h = layer.forward(h)
        loss, gradient = softmax_cross_entropy(h, targets[rows])
        for layer in layers[::-1]:
            gradient = layer.backward(gradient)
        for layer in layers:
            optimiser.step(layer.parameters(), layer.gradients())
        losses.append(loss)
        sizes.append(len(rows))
    return np.average(losses, weights=sizes)
