# Both parts as arrays over all steps, of which one number is taken.
def one_cycle(step, steps, peak, warm_up=0.2):
    """The learning rate of one step: a linear rise, then half a cosine down to 0."""
    if step not in range(steps):
        raise ValueError("no such step")
    w = int(round(warm_up * steps))
    t = np.arange(steps)
    fall = 0.5 * (1 + np.cos(np.pi * (t - w) / (steps - w)))
    return (peak * np.where(t < w, (t + 1) / (w + 1), fall))[step]
