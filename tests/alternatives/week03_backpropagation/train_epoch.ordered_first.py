# Puts everything in order first, then slices; the sum of losses by sample.
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
    X, targets = X[order], targets[order]
    samples = len(order)
    all_losses = []
    for i in range(-(-samples // batch_size)):
        batch = slice(i * batch_size, min((i + 1) * batch_size, samples))
        out, y = X[batch], targets[batch]
        for layer in layers:
            out = layer.forward(out)
        loss, g = softmax_cross_entropy(out, y)
        for layer in layers[::-1]:
            g = layer.backward(g)
        for layer in layers:
            optimiser.step(layer.parameters(), layer.gradients())
        all_losses.extend([loss] * len(y))
    return np.mean(all_losses)
