# One step, and the rest of the way by the function itself; the losses are a tuple of floats.
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient."""
    loss, gradient = loss_and_gradient(start)
    if steps == 0:
        return start.copy(), (float(loss),)
    w, losses = gradient_descent(
        loss_and_gradient, start - learning_rate * gradient, learning_rate, steps - 1
    )
    return w, (float(loss), *losses)
