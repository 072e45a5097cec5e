# A set of ids and math.prod.
def count_parameters(model):
    """Count the numbers that a model learns."""
    ids = set()
    count = 0
    for array in model.parameters():
        if id(array) in ids:
            continue
        ids.add(id(array))
        count += math.prod(array.shape)
    return count
