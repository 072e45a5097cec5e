# Interpolates between knots on the way up, and takes a table's entry on the way down.
def one_cycle(step, steps, peak, warm_up=0.2):
    """The learning rate of one step: a linear rise, then half a cosine down to 0."""
    if step not in range(steps):
        raise ValueError(f"{step} is not in range({steps})")
    rise = round(warm_up * steps)
    up = np.interp(np.arange(rise), [-1, rise], [0.0, peak])
    down = 0.5 * peak * (1 + np.cos(np.linspace(0, np.pi, steps - rise + 1)[:-1]))
    return float(np.concatenate([up, down])[step])
