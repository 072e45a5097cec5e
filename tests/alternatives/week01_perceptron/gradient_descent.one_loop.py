# One loop over all places, the last one without a step.
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient."""
    position = start.astype(float)
    losses = []
    for step in range(steps + 1):
        value, slope = loss_and_gradient(position)
        losses += [value]
        if step < steps:
            position = np.subtract(position, np.multiply(learning_rate, slope))
    return position, losses
