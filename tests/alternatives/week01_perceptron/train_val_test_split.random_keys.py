# Draws a random key for each sample and ranks the keys within each class; plain lists of indices.
import math


def train_val_test_split(labels, validation=0.2, test=0.2, seed=0):
    """Split samples into three parts, class by class, at random."""
    if validation < 0 or test < 0 or validation + test >= 1:
        raise ValueError("shares must be at least 0 and leave something to train on")
    keys = np.random.default_rng(seed).random(len(labels))
    train, val, held_out = [], [], []
    for name in np.unique(labels):
        members = sorted(np.flatnonzero(labels == name).tolist(), key=lambda i: keys[i])
        a, b = math.floor(validation * len(members)), math.floor(test * len(members))
        val += members[:a]
        held_out += members[len(members) - b :]
        train += members[a : len(members) - b]
    return tuple(np.array(part, dtype=int) for part in (train, val, held_out))
