# Walks first and keeps the places, then computes the losses at all of them.
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient."""
    places = [start]
    while len(places) <= steps:
        places.append(places[-1] + -learning_rate * loss_and_gradient(places[-1])[1])
    return places[-1], [loss_and_gradient(place)[0] for place in places]
