# Remembers which objects have been counted.
def count_parameters(model):
    """Count the numbers that a model learns."""
    seen, total = [], 0
    for array in model.parameters():
        if not any(array is other for other in seen):
            seen.append(array)
            total += int(np.prod(array.shape))
    return total
