# Copies the start to float64, then works in place; the losses are filled into an array.
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient."""
    w = np.array(start, dtype=np.float64)
    losses = np.empty(steps + 1)
    for step in range(steps):
        losses[step], gradient = loss_and_gradient(w)
        w -= learning_rate * np.asarray(gradient)
    losses[steps] = loss_and_gradient(w)[0]
    return w, losses
