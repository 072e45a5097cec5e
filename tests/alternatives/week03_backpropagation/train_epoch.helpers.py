# Functions for the two ways; each layer moves on the way back, after its own backward.
def forward_all(layers, h):
    for layer in layers:
        h = layer.forward(h)
    return h


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
    seen, mean = 0, 0.0
    while seen < len(order):
        rows = order[seen : seen + batch_size]
        loss, g = softmax_cross_entropy(forward_all(layers, X[rows]), targets[rows])
        for k in range(len(layers) - 1, -1, -1):
            g = layers[k].backward(g)
            optimiser.step(layers[k].parameters(), layers[k].gradients())
        mean = (mean * seen + loss * len(rows)) / (seen + len(rows))
        seen += len(rows)
    return mean
