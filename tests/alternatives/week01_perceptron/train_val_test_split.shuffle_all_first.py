# Shuffles all samples once, then deals the members of each class out in that order; sorted parts.
def train_val_test_split(labels, validation=0.2, test=0.2, seed=0):
    """Split samples into three parts, class by class, at random."""
    if min(validation, test) < 0 or not validation + test < 1:
        raise ValueError("impossible shares")
    order = np.random.default_rng(seed).permutation(len(labels))
    part = np.zeros(len(labels), dtype=int)
    for name in set(np.asarray(labels).tolist()):
        members = order[labels[order] == name]
        to_validation = int(np.floor(validation * members.size))
        to_test = int(np.floor(test * members.size))
        part[members[:to_test]] = 2
        part[members[to_test : to_test + to_validation]] = 1
    return np.flatnonzero(part == 0), np.flatnonzero(part == 1), np.flatnonzero(part == 2)
