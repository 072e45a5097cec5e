# Collects the members of each class in a dict of lists, shuffles the lists and cuts them.
def train_val_test_split(labels, validation=0.2, test=0.2, seed=0):
    """Split samples into three parts, class by class, at random."""
    if any(share < 0 for share in (validation, test)):
        raise ValueError("negative share")
    if validation + test >= 1:
        raise ValueError("nothing left to train on")
    classes = {}
    for i, name in enumerate(labels):
        classes.setdefault(name, []).append(i)
    rng = np.random.default_rng(seed)
    train, val, held_out = [], [], []
    for members in classes.values():
        rng.shuffle(members)
        n = len(members)
        for _ in range(int(validation * n)):
            val.append(members.pop())
        for _ in range(int(test * n)):
            held_out.append(members.pop())
        train.extend(members)
    return [np.array(sorted(part), dtype=np.int64) for part in (train, val, held_out)]
