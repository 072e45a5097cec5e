# Half of 1 + cos is a squared cosine of half the angle.
def one_cycle(step, steps, peak, warm_up=0.2):
    """The learning rate of one step: a linear rise, then half a cosine down to 0."""
    if step < 0 or step > steps - 1:
        raise ValueError("no such step")
    top = round(steps * warm_up)
    if step <= top - 1:
        return (step + 1) * peak / (top + 1)
    return peak * math.cos(math.pi / 2 * (step - top) / (steps - top)) ** 2
