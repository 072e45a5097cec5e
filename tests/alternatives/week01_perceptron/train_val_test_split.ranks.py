# Ranks every sample within its class by a random key, with no loop; masks turned into indices.
def train_val_test_split(labels, validation=0.2, test=0.2, seed=0):
    """Split samples into three parts, class by class, at random."""
    if not (0 <= validation and 0 <= test and validation + test < 1):
        raise ValueError("shares out of range")
    keys = np.random.default_rng(seed).uniform(size=len(labels))
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.lexsort((keys, codes))
    rank = np.empty(len(labels), dtype=int)
    rank[order] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = (validation * counts).astype(int)[codes]
    second = first + (test * counts).astype(int)[codes]
    in_val, in_test = rank < first, (first <= rank) & (rank < second)
    return tuple(np.where(mask)[0] for mask in (~in_val & ~in_test, in_val, in_test))
